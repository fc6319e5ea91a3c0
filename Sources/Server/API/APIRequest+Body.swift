import Dialects
import NIOCore
import NIOHTTP1
import Upstream

extension APIRequest {
    /// Reads the body as JSON and has it answered.
    ///
    /// - Parameters:
    ///   - limit: its size at most, in bytes.
    ///   - answer: gets the value, with everything in it as it was written.
    /// - Returns: nil where the request is refused by its head.
    func readJSON(atMost limit: Int, _ answer: @escaping (JSONValue) -> (any Responder)?) -> (any Responder)? {
        let type = head.headers.first(name: "content-type").map(MediaType.essence) ?? ""
        guard type.isEmpty || type == "application/json" || type.hasSuffix("+json") else {
            refuse(APIRefusal(415, "unsupported_media_type", "send JSON as application/json, not '\(type)'"))
            return nil
        }
        let tooLarge = { refuse(APIRefusal(413, "too_large", "the body is larger than \(limit) bytes")) }
        if let length = head.headers.first(name: "content-length").flatMap({ Int($0) }), length > limit {
            tooLarge()
            return nil
        }
        return BodyResponder(limit: limit, tooLarge: tooLarge) { bytes in
            do throws(JSONValue.SyntaxError) {
                return answer(try JSONValue(parsing: Array(bytes.readableBytesView), options: .ownRequests))
            } catch {
                refuse(APIRefusal(400, "invalid_json", "the body is no JSON: \(error)"))
                return nil
            }
        }
    }
}

extension JSONValue.Options {
    /// What could be read in two ways is refused; nesting is not what limits a provider's request.
    static let ownRequests = JSONValue.Options(maximumDepth: 512)
}
