import TestSupport
import TokencastTesting

/// What a program under test would do: ask the model through a server, and read the answer.
enum Weather {
    static let answer = "It is sunny in Zürich."

    static func ask(_ server: TapeServer, _ prompt: String = "How is the weather?") async throws -> RawResponse {
        try await fetch(.post(Chat.path, Chat.body("gpt-test", prompt: prompt)), port: server.port)
    }
}

extension TapeServer {
    var port: Int {
        get throws {
            guard let port = url.split(separator: ":").last.flatMap({ Int($0) }) else { throw Failure(url) }
            return port
        }
    }
}

extension RawResponse {
    /// The answer's text, which must need no unescaping.
    var content: String {
        text.split(separator: #""content":""#).dropFirst().map { $0.prefix { $0 != "\"" } }.joined()
    }
}
