import Dialects

/// What an answer that is no event stream means.
enum Refusal {
    /// Whether coming back later may help.
    static func passes(_ head: StreamFollower.Head) -> Bool {
        switch head.status {
        case 408, 425, 429, 500, 502, 503, 504: true
        default: false
        }
    }

    /// The error that it makes, in the server's words where it has some.
    static func error(_ head: StreamFollower.Head, body: [UInt8]) -> TokenStreamError {
        let code: TokenStreamError.Code =
            switch head.status {
            case 400: .badRequest
            case 401: .unauthorized
            case 403: .forbidden
            case 404, 410: .notFound
            case 200...299: .malformed
            default: .refused
            }
        return TokenStreamError(code, status: head.status, message(head, body))
    }

    private static func message(_ head: StreamFollower.Head, _ body: [UInt8]) -> String {
        if 200...299 ~= head.status { return "the answer is \(head.type ?? "of no type"), and no event stream" }
        if 300...399 ~= head.status { return "the server leads elsewhere, which isn't followed" }
        let json = try? JSONValue(parsing: body, options: .lenient)
        if let message = json?["error"]?["message"]?.string { return message }
        let text = String(decoding: body.prefix(1024), as: UTF8.self).split(whereSeparator: \.isNewline).first
        return text.map(String.init) ?? "the server refuses"
    }
}
