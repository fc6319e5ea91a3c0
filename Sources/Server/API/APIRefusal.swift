import Dialects
import NIOCore
import Upstream

/// Why one of our own operations isn't done: an HTTP answer, or an error message on a WebSocket.
struct APIRefusal: Error {
    var status: Int
    var message: String
    /// A word for programs.
    var code: String
    /// Seconds after which another try makes sense; nil for never, or at once.
    var retryAfter: Int?

    init(_ status: Int, _ code: String, _ message: String, retryAfter: Int? = nil) {
        self.status = status
        self.code = code
        self.message = message
        self.retryAfter = retryAfter
    }

    static let draining = APIRefusal(503, "shutting_down", "Tokencast is shutting down", retryAfter: 1)

    static func noStream(_ id: String) -> APIRefusal {
        APIRefusal(404, "no_stream", "there is no stream '\(id)', or it ended too long ago")
    }

    static func forbidden(_ message: String) -> APIRefusal { APIRefusal(403, "forbidden", message) }
}

extension APIRequest {
    func refuse(_ refusal: APIRefusal) {
        var headers: [HeaderField] = []
        if let seconds = refusal.retryAfter { headers.append(HeaderField("retry-after", "\(seconds)")) }
        refuse(refusal.status, refusal.message, code: refusal.code, headers: headers)
    }

    /// Answers with JSON that nobody may keep.
    func reply(_ json: JSONValue, status: Int = 200, headers: [HeaderField] = []) {
        reply(json.jsonBytes, status: status, headers: headers)
    }

    func reply(_ json: [UInt8], status: Int = 200, headers: [HeaderField] = []) {
        let fields = [HeaderField("content-type", "application/json"), HeaderField("cache-control", "no-store")]
        writer.reply(ResponseHead(status: status, headers: fields + headers), .init(bytes: json + [0x0A]))
    }
}
