import Dialects
import TestSupport
import Testing

/// Readers of streams and channels.
@Suite struct SubscribeTests {
    @Test func aStreamIsReadByItsIDFromItsStart() async throws {
        let upstream = try Script.chat(Chat.words(5))
        try await withServer(eventLoops: 2, to: upstream) { server async throws in
            let response = try await fetch(Chat.request(), port: server.port)
            let id = try #require(response.value("tokencast-stream"))
            for _ in 0..<4 {
                let reader = try await fetch(.get("/streams/\(id)"), port: server.port)
                #expect(reader.status == 200)
                #expect(reader.value("content-type") == "text/event-stream; charset=utf-8")
                #expect(reader.value("cache-control") == "no-cache, no-transform")
                #expect(reader.value("x-accel-buffering") == "no")
                #expect(reader.value("tokencast-stream") == id)
                let events = reader.events
                #expect(events.map(\.name) == ["start"] + Array(repeating: "delta", count: 5) + ["usage", "end"])
                #expect(events.map(\.id) == events.map(\.id).sorted())
                #expect(try events[1].json["text"]?.string == " w0")
                #expect(events[1].data == #"{"choice":0,"part":0,"type":"text","text":" w0"}"#)
                #expect(try events.last?.json["state"]?.string == "complete")
                #expect(try events.last?.json["finish"]?.string == "stop")
            }
        }
    }

    @Test(
        "A channel is named in a header or in the URL",
        arguments: ["/v1/chat/completions", "/~channel=demo/v1/chat/completions"]
    )
    func channels(path: String) async throws {
        let upstream = try Script.chat(Chat.words(3))
        try await withServer(eventLoops: 2, to: upstream) { server async throws in
            let early = try RawConnection(port: server.port)
            try await early.send(.get("/channels/demo"))
            try await early.head()
            let fields = path.hasPrefix("/~") ? [] : [Field("Tokencast-Channel", "demo")]
            let response = try await fetch(Chat.request("m", fields, path: path), port: server.port)
            let id = try #require(response.value("tokencast-stream"))
            let late = try RawConnection(port: server.port)
            try await late.send(.get("/channels/demo"))
            let all = try RawConnection(port: server.port)
            try await all.send(.get("/channels/all?view=text"))
            for reader in [early, late] {
                let events = try await reader.response(until: "the end") { $0.events.last?.name == "end" }.events
                #expect(events.map(\.name) == ["start", "delta", "delta", "delta", "usage", "end"])
                #expect(try events.allSatisfy { try $0.json["stream"]?.string == id })
            }
            let text = try await all.response(until: "the end") { $0.events.last?.name == "end" }.events
            #expect(text.dropLast().map(\.data) == [" w0", " w1", " w2"])
            // Both see the same numbers, and a channel numbers its own events, over all of its streams.
            _ = try await fetch(Chat.request("m", fields, path: path), port: server.port)
            let both = try await early.response(until: "the second end") { $0.events.count == 12 }.events
            #expect(Set(both.map(\.id)).count == 12)
            #expect(both.map(\.id) == both.map(\.id).sorted())
        }
    }

    @Test("Late readers get everything, then what comes live", arguments: ["delta", "raw", "text", "openai"])
    func lateReaders(view: String) async throws {
        let gate = Gate()
        let upstream = try Script.gated(Chat.words(30), gate)
        try await withServer(eventLoops: 3, to: upstream) { server async throws in
            let caller = try RawConnection(port: server.port)
            try await caller.send(Chat.request())
            let id = try #require(try await caller.head().value("tokencast-stream"))
            var readers: [RawConnection] = []
            for index in 0..<30 {
                // One reader comes at each token: some before, some behind, some in the middle of it.
                gate.open()
                let reader = try RawConnection(port: server.port)
                try await reader.send(.get("/streams/\(id)?view=\(view)"))
                readers.append(reader)
                try await caller.response(until: "word \(index)") { $0.text.contains(" w\(index)\"") }
            }
            gate.open()
            let whole = try await fetch(.get("/streams/\(id)?view=\(view)"), port: server.port)
            #expect(whole.events.count > 30)
            for reader in readers {
                let response = try await reader.response()
                #expect(response.end == .complete)
                #expect(response.events == whole.events)
            }
        }
    }

    @Test func theRawViewHasTheUpstreamsFrames() async throws {
        let frames = [
            "data: {\"a\":1}\n\n", "event: x\ndata: one\ndata: two\n\n", "id: 9\nretry: 5\n: c\ndata: \u{E9}\n\n",
        ]
        let upstream = try TestUpstream { _, connection in
            try connection.readBody()
            try connection.eventStreamHead()
            try connection.chunk(frames.joined() + Chat.done)
            try connection.endChunks()
        }
        try await withServer(to: upstream) { server async throws in
            let response = try await fetch(Chat.request(), port: server.port)
            let id = try #require(response.value("tokencast-stream"))
            let raw = try await fetch(.get("/streams/\(id)?view=raw"), port: server.port)
            #expect(raw.events.map(\.data) == ["{\"a\":1}", "one\ntwo", "\u{E9}", "[DONE]"])
            #expect(raw.events.map(\.name) == ["message", "x", "message", "message"])
            #expect(raw.events.allSatisfy { $0.id.hasPrefix(id + "_") })
            #expect(!raw.text.contains("retry"))
        }
    }

    @Test func theOpenAIViewIsAStreamThatSDKsRead() async throws {
        let upstream = try Script.chat(["a", "b"])
        try await withServer(to: upstream) { server async throws in
            let id = try #require(try await fetch(Chat.request(), port: server.port).value("tokencast-stream"))
            let events = try await fetch(.get("/streams/\(id)?view=openai&include_usage=true"), port: server.port)
                .events
            #expect(events.filter { $0.data == "[DONE]" }.count == 1)
            #expect(events.last?.data == "[DONE]")
            #expect(events.allSatisfy { $0.name == "message" })
            let chunks = try events.dropLast().map { try $0.json }
            #expect(chunks.allSatisfy { $0["object"]?.string == "chat.completion.chunk" })
            let text = chunks.compactMap { $0["choices"]?[0]?["delta"]?["content"]?.string }.joined()
            #expect(text == "ab")
            #expect(chunks.compactMap { $0["choices"]?[0]?["finish_reason"]?.string } == ["stop"])
            #expect(chunks.last?["usage"]?["total_tokens"]?.int == 5)
        }
    }

    @Test func aStreamThatBrokeOffHasNoDONEInTheOpenAIView() async throws {
        let upstream = try TestUpstream { _, connection in
            try connection.readBody()
            try connection.eventStreamHead()
            try connection.chunk(Chat.frame(" a"))
            try connection.endChunks()
        }
        try await withServer(to: upstream) { server async throws in
            let id = try #require(try await fetch(Chat.request(), port: server.port).value("tokencast-stream"))
            let events = try await fetch(.get("/streams/\(id)?view=openai"), port: server.port).events
            #expect(!events.contains { $0.data == "[DONE]" })
            #expect(try events.last?.json["error"]?["type"]?.string == "stream_truncated")
            let delta = try await fetch(.get("/streams/\(id)"), port: server.port).events
            #expect(try delta.last?.json["state"]?.string == "truncated")
        }
    }

    @Test func aViewOfOneStreamWaitsForAChannelsNext() async throws {
        let upstream = try Script.chat(["a"])
        try await withServer(eventLoops: 2, to: upstream) { server async throws in
            let reader = try RawConnection(port: server.port)
            try await reader.send(.get("/channels/c?view=openai"))
            try await reader.head()
            _ = try await fetch(Chat.request("m", [Field("Tokencast-Channel", "c")]), port: server.port)
            let response = try await reader.response()
            #expect(response.end == .complete)
            #expect(response.events.last?.data == "[DONE]")
        }
    }

    @Test func whatIsNotThereIsSaid() async throws {
        let upstream = try Script.chat(["a"])
        try await withServer(to: upstream) { server async throws in
            let id = try #require(try await fetch(Chat.request(), port: server.port).value("tokencast-stream"))
            let cases = [
                ("/streams/nonsense", 404), ("/streams/" + String(repeating: "0", count: 36), 404),
                ("/channels/not%20a%20name", 404), ("/channels/" + String(repeating: "x", count: 129), 404),
                ("/streams/\(id)?view=fancy", 400), ("/streams/\(id)?since=yesterday", 400),
                ("/streams/\(id)?since=\(id)_", 400), ("/streams/\(id)?since=\(id)_12345678901", 400),
            ]
            for (target, status) in cases {
                let response = try await fetch(.get(target), port: server.port)
                #expect(response.status == status, "\(target)")
                #expect(try ErrorShape(response.text).type == "invalid_request_error")
            }
            let bad = try await fetch(.get("/streams/\(id)", [Field("Last-Event-ID", "7")]), port: server.port)
            #expect(bad.status == 400)
            let head = try await fetch(RawRequest("HEAD", "/streams/\(id)"), port: server.port)
            #expect(head.status == 200)
        }
    }
}

extension ServerSentEvent {
    /// The data, which must be JSON.
    var json: JSONValue { get throws { try JSONValue(parsing: data) } }
}
