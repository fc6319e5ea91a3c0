import Broadcast
import Dialects
import NIOCore
import NIOHTTP1
import Tapes

/// A provider's request that is to run on without its caller: what `POST /streams` and the command `create` take.
struct DetachedRequest {
    var method = "POST"
    var target: RequestTarget
    /// Everything that goes upstream, as a proxied request would bear it.
    var headers: HTTPHeaders
    /// Nil for a request without a body.
    var body: [UInt8]?

    private static let members = ["path", "body", "method", "channel", "headers"]
    private static let methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]

    /// - Parameters:
    ///   - value: `{"path":…,"body":…,"method":…,"channel":…,"headers":{…}}`; all but the path may lack.
    ///   - caller: the headers of whoever asks, of which the credentials go along. Those in `headers` stand in for them.
    init(_ value: JSONValue, caller: HTTPHeaders) throws(APIRefusal) {
        guard let members = value.members else { throw Self.invalid("the body must be an object") }
        if let unknown = members.first(where: { member in
            !Self.members.contains { $0.utf8.elementsEqual(member.name.utf8) }
        }) {
            throw Self.invalid("'\(unknown.name)' is not known here: there are \(Self.members.joined(separator: ", "))")
        }
        guard let path = value["path"]?.string else { throw Self.invalid("path must be a string, as /v1/messages") }
        if let method = value["method"], !method.isNull {
            guard let word = method.string, Self.methods.contains(word) else {
                throw Self.invalid("method takes one of \(Self.methods.joined(separator: ", "))")
            }
            self.method = word
        }
        headers = try Self.headers(value["headers"], caller)
        if let channel = value["channel"], !channel.isNull {
            guard let name = channel.string else { throw Self.invalid("channel must be a string") }
            headers.replaceOrAdd(name: "tokencast-channel", value: name)
        }
        if let body = value["body"], !body.isNull {
            self.body = body.jsonBytes
            if !headers.contains(name: "content-type") { headers.add(name: "content-type", value: "application/json") }
        }
        target = try Self.target(path, headers)
    }

    private static func target(_ path: String, _ headers: HTTPHeaders) throws(APIRefusal) -> RequestTarget {
        guard path.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "#") }) else {
            throw invalid("path must be a request target: what isn't printable ASCII is percent-encoded")
        }
        do throws(RequestTarget.Problem) {
            let target = try RequestTarget(path, headers: headers)
            let first = String(target.path.dropFirst().prefix { $0 != "/" })
            guard !Router.reservedNames.contains(first) else {
                throw RequestTarget.Problem(message: "\(target.path) is Tokencast's own: no upstream is asked for it")
            }
            return target
        } catch {
            throw invalid(error.message)
        }
    }

    /// The credentials of whoever asks, and the headers that the request is to have.
    private static func headers(_ given: JSONValue?, _ caller: HTTPHeaders) throws(APIRefusal) -> HTTPHeaders {
        var headers = HTTPHeaders()
        for (name, value) in caller {
            let lower = name.lowercased()
            // What Tokencast itself is asked for is asked for this stream.
            guard Credentials.headers.contains(lower) || lower.hasPrefix("tokencast-") else { continue }
            headers.add(name: name, value: value)
        }
        guard let given, !given.isNull else { return headers }
        guard let members = given.members else { throw invalid("headers must be an object of strings") }
        for member in members {
            guard let value = member.value.string else { throw invalid("the header '\(member.name)' must be a string") }
            guard isToken(member.name), value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
                throw invalid("the header '\(member.name)' can't be sent: it isn't one line, or its name isn't one")
            }
            headers.replaceOrAdd(name: member.name, value: value)
        }
        return headers
    }

    /// Whether it can be a field's name (RFC 9110, section 5.6.2).
    private static func isToken(_ name: String) -> Bool {
        !name.isEmpty
            && name.utf8.allSatisfy { byte in
                switch byte {
                case 48...57, 65...90, 97...122: true
                default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
                }
            }
    }

    private static func invalid(_ message: String) -> APIRefusal { APIRefusal(400, "invalid_request", message) }
}
