import Dialects
import TestSupport
import Testing

/// Coming back: a token means "delivered through here".
@Suite struct ResumeTests {
    @Test(
        "Resuming at every event gives exactly the rest",
        arguments: ["delta", "raw", "text", "openai"],
        [true, false]
    )
    func atEveryEvent(view: String, byHeader: Bool) async throws {
        let upstream = try Script.chat(Chat.words(12))
        try await withServer(eventLoops: 2, to: upstream) { server async throws in
            let id = try #require(try await fetch(Chat.request(), port: server.port).value("tokencast-stream"))
            let whole = try await fetch(.get("/streams/\(id)?view=\(view)"), port: server.port).events
            #expect(whole.count >= 13)
            for (index, event) in whole.enumerated() {
                var request = RawRequest.get("/streams/\(id)?view=\(view)")
                if byHeader {
                    request.fields = [Field("Last-Event-ID", event.id)]
                    // The header beats the parameter: a browser comes back to the URL that it began with.
                    request.target += "&since=earliest"
                } else {
                    request.target += "&since=\(event.id)"
                }
                let rest = try await fetch(request, port: server.port)
                let expected = Array(whole.dropFirst(index + 1).drop { $0.id == event.id })
                #expect(rest.events == expected, "behind event \(index)")
                // 204 is what stops a browser; anything else would have it come back for ever.
                #expect(rest.status == (expected.isEmpty ? 204 : 200), "behind event \(index)")
            }
        }
    }

    @Test func resumingWhileItRunsGivesTheRestOnceAndInOrder() async throws {
        let gate = Gate()
        let upstream = try Script.gated(Chat.words(20), gate)
        try await withServer(eventLoops: 3, to: upstream) { server async throws in
            let caller = try RawConnection(port: server.port)
            try await caller.send(Chat.request())
            let id = try #require(try await caller.head().value("tokencast-stream"))
            var seen: [ServerSentEvent] = []
            for index in 0..<20 {
                gate.open()
                // A reader that is cut off behind each token, and comes back.
                let reader = try RawConnection(port: server.port)
                let fields = seen.last.map { [Field("Last-Event-ID", $0.id)] } ?? []
                try await reader.send(.get("/streams/\(id)", fields))
                let response = try await reader.response(until: "word \(index)") {
                    $0.events.last?.data.contains(#"" w\#(index)""#) == true
                }
                seen += response.events
                reader.close()
            }
            gate.open()
            let last = Field("Last-Event-ID", try #require(seen.last).id)
            seen += try await fetch(.get("/streams/\(id)", [last]), port: server.port).events
            #expect(seen == (try await fetch(.get("/streams/\(id)"), port: server.port).events))
        }
    }

    @Test(
        "A foreign token gets a reset, then all that was said in a snapshot, then the end",
        arguments: ["delta", "text"]
    )
    func foreignTokens(view: String) async throws {
        let upstream = try Script.chat(["a"])
        try await withServer(to: upstream) { server async throws in
            let id = try #require(try await fetch(Chat.request(), port: server.port).value("tokencast-stream"))
            let foreign = String(repeating: "0", count: 36) + "_0000000003"
            for token in [foreign, "\(id)_0000000999"] {
                let events = try await fetch(.get("/streams/\(id)?view=\(view)&since=\(token)"), port: server.port)
                    .events
                #expect(events.first?.name == "reset")
                #expect(try events.first?.json["reason"]?.string == "unknown token")
                let whole = try await fetch(.get("/streams/\(id)?view=\(view)"), port: server.port).events
                #expect(events.map(\.name) == ["reset", "snapshot", "end"])
                #expect(events.last == whole.last)
                let text =
                    view == "text"
                    ? events[1].data
                    : try events[1].json["choices"]?.array?.first?["parts"]?
                        .array?.first?["text"]?.string
                #expect(text == "a")
                #expect(events[0].id == "" && events[1].id == "\(id)_0000000005")
                let socket = try await WebSocketClient(port: server.port, "/streams/\(id)?view=\(view)&since=\(token)")
                let frames = try await socket.closed()
                #expect(frames.first?.text.hasPrefix(#"{"type":"reset","stream":"\#(id)","#) == true)
                // Behind the end the socket is closed.
                #expect(frames.count == 4)
            }
        }
    }

    @Test func nowGivesOnlyWhatComes() async throws {
        let gate = Gate()
        let upstream = try Script.gated(["a", "b"], gate)
        try await withServer(eventLoops: 2, to: upstream) { server async throws in
            let caller = try RawConnection(port: server.port)
            try await caller.send(Chat.request())
            gate.open()
            let id = try #require(
                try await caller.response(until: "a") { $0.text.contains("\"a\"") }.value("tokencast-stream")
            )
            let reader = try RawConnection(port: server.port)
            try await reader.send(.get("/streams/\(id)?since=now&view=text"))
            // The first bytes set the place to come back to, and fire nothing.
            let first = try await reader.response(until: "the welcome") { $0.text.hasSuffix("\n\n") }
            #expect(first.text.hasPrefix("retry: "))
            #expect(first.text.hasSuffix("\nid: \(id)_0000000002\n\n"))
            #expect(first.events.isEmpty)
            gate.open(2)
            let events = try await reader.response().events
            #expect(events.map(\.data).first == "b")
            #expect(events.count == 2)
        }
    }

    @Test func anEmptyLastEventIDIsNone() async throws {
        let upstream = try Script.chat(["a"])
        try await withServer(to: upstream) { server async throws in
            let id = try #require(try await fetch(Chat.request(), port: server.port).value("tokencast-stream"))
            let response = try await fetch(.get("/streams/\(id)", [Field("Last-Event-ID", "")]), port: server.port)
            #expect(response.events.count == 4)
        }
    }
}
