import Dialects
import TestSupport
import Testing
import Tokencast

// The examples of docs/client.md, as they stand there: that they compile is a test, and so is that they work.

/// Prints what a channel's streams have said and say, until the task is cancelled.
func follow(_ url: String) async throws {
    let events = TokenStream(url, catchUp: .fold, key: nil) { connection in
        if let problem = connection.problem { print("[away: \(problem)]") }
    }
    for try await event in events {
        switch event.content {
        case .start(let start): print("\n[\(start.model ?? "?")]", terminator: " ")
        case .delta(let delta): if case .text(let text) = delta.content { print(text, terminator: "") }
        case .snapshot(let snapshot): for stream in snapshot.streams { print("\n\(stream.text)", terminator: "") }
        case .restart: print("\n[from the start]", terminator: " ")
        case .end(let end, _): print("\n[\(end.state.rawValue)]")
        case .message(let name, let data): print("\n[\(name)] \(data.jsonText)")
        case .usage, .reset, .slow, .unknown: break
        }
    }
}

/// Shows the text of a stream as it grows; returns it when it is whole.
func text(of url: String, show: (String) -> Void) async throws -> String {
    var last = ""
    for try await text in TokenStream.text(url) {
        last = text
        show(text)
    }
    return last
}

@Suite("The examples of the page on the Swift client")
struct ClientExamples {
    @Test func theyReadAStream() async throws {
        try await withServer(to: try Script.chat(["a", "b"])) { server async throws in
            let id = try #require(try await fetch(Chat.request(), port: server.port).value("tokencast-stream"))
            let url = "http://127.0.0.1:\(server.port)/streams/\(id)"
            var shown: [String] = []
            #expect(try await text(of: url) { shown.append($0) } == "ab")
            #expect(shown == ["a", "ab"])
            try await follow(url)
        }
    }
}
