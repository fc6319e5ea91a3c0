import Dialects
import TestSupport
import Testing

@testable import Tokencast

/// The Swift client in channels: what is published there, and whom they are open to.
@Suite struct TokenStreamChannelTests {
    @Test func publishedEventsComeUnderTheirNamesAmongStreams() async throws {
        try await withServer(eventLoops: 2, to: try Script.chat(["a"])) { server async throws in
            for body in [#"{"n":1}"#, "[2]"] {
                let target = body == "[2]" ? "/channels/demo?event=deploy.done" : "/channels/demo"
                #expect(try await fetch(.post(target, body), port: server.port).status == 202)
            }
            _ = try await fetch(Chat.request("demo", [Field("Tokencast-Channel", "demo")]), port: server.port)
            var contents: [TokenStreamEvent.Content] = []
            var events: [TokenStreamEvent] = []
            for try await event in TokenStream("http://127.0.0.1:\(server.port)/channels/demo") {
                contents.append(event.content)
                events.append(event)
                if event.name == "end" { break }
            }
            #expect(contents[0] == .message(name: "message", .object([("n", .integer(1))])))
            #expect(contents[1] == .message(name: "deploy.done", .array([.integer(2)])))
            #expect(events[0].stream == nil)
            #expect(events.compactMap(\.text) == ["a"])
            let stream = try #require(events[2].stream)
            #expect(events.dropFirst(2).allSatisfy { $0.stream == stream })
            // From between them, exactly the rest.
            let since = TokenStream.Since.event(try #require(events[0].id))
            var rest = TokenStream("http://127.0.0.1:\(server.port)/channels/demo", since: since).makeAsyncIterator()
            for event in events.dropFirst() { #expect(try await rest.next() == event) }
        }
    }

    @Test func keysAndSignedLinksOpenWhatTheyMay() async throws {
        let upstream = try Script.chat(["a"])
        try await withServer(.test(upstream) { $0.access = KeyedServer.access }) { server async throws in
            let fields = [KeyedServer.bearer("maker"), Field("Tokencast-Channel", "team")]
            let id = try #require(
                try await fetch(Chat.request("demo", fields), port: server.port).value("tokencast-stream")
            )
            let url = "http://127.0.0.1:\(server.port)/streams/\(id)"
            #expect(try await text(TokenStream(url, key: KeyedServer.text("subscribe"))) == "a")
            #expect(try await text(TokenStream("\(url)?\(KeyedServer.link("/streams/\(id)"))")) == "a")
            let refused: [(key: String?, codes: Set<TokenStreamError.Code>)] = [
                (nil, [.unauthorized]), (KeyedServer.text("wrong"), [.unauthorized]),
                (KeyedServer.text("other"), [.forbidden, .notFound]),
            ]
            for (key, codes) in refused {
                await #expect { try await text(TokenStream(url, key: key)) } throws: {
                    ($0 as? TokenStreamError).map { codes.contains($0.code) } ?? false
                }
            }
        }
    }

    private func text(_ stream: TokenStream) async throws -> String {
        var text = ""
        for try await event in stream { text += event.text ?? "" }
        return text
    }
}
