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
        return readBody(atMost: limit) { bytes in
            do throws(JSONValue.SyntaxError) {
                return answer(try JSONValue(parsing: bytes, options: .ownRequests))
            } catch {
                refuse(APIRefusal(400, "invalid_json", "the body is no JSON: \(error)"))
                return nil
            }
        }
    }

    /// Reads the body, whatever it is, and has it answered; nil where the request is refused by its head.
    ///
    /// - Parameter limit: its size at most, in bytes.
    func readBody(atMost limit: Int, _ answer: @escaping ([UInt8]) -> (any Responder)?) -> (any Responder)? {
        let tooLarge = { refuse(APIRefusal(413, "too_large", "the body is larger than \(limit) bytes")) }
        if let length = head.headers.first(name: "content-length").flatMap({ Int($0) }), length > limit {
            tooLarge()
            return nil
        }
        return BodyResponder(limit: limit, tooLarge: tooLarge) { answer(Array($0.readableBytesView)) }
    }
}

extension JSONValue.Options {
    /// What could be read in two ways is refused; nesting is not what limits a provider's request.
    static let ownRequests = JSONValue.Options(maximumDepth: 512)
}
