import Dialects
import TestSupport
import Testing

/// `GET /streams` and `GET /channels`.
@Suite struct StreamListingTests {
    @Test("Streams are listed newest first, a page at a time, with what is known of each")
    func pages() async throws {
        let upstream = try Script.chat([" a", " b"])
        try await withServer(to: upstream) { server async throws in
            var ids: [String] = []
            for model in ["m0", "m1", "m2"] {
                let field = Field("Tokencast-Channel", model == "m1" ? "one" : "other")
                let answer = try await fetch(Chat.request(model, [field]), port: server.port)
                ids.append(try #require(answer.value("tokencast-stream")))
            }
            let first = try await server.json("/streams?limit=2")
            #expect(first["streams"]?.array?.compactMap { $0["stream"]?.string } == [ids[2], ids[1]])
            let next = try #require(first["next"]?.string)
            let second = try await server.json("/streams?limit=2&cursor=\(next)")
            #expect(second["streams"]?.array?.compactMap { $0["stream"]?.string } == [ids[0]])
            #expect(second["next"]?.isNull == true)
            let one = try #require(second["streams"]?[0])
            #expect(one["state"]?.string == "complete" && one["finish"]?.string == "stop")
            #expect(one["model"]?.string == "demo" && one["method"]?.string == "POST")
            #expect(one["path"]?.string == Chat.path && one["channel"]?.string == "other")
            #expect(one["upstream"]?.string == "test" && one["owner"]?.isNull == true)
            #expect(one["status"]?.int == 200 && one["usage"]?["total_tokens"]?.int == 5)
            let created = try #require(one["timings"]?["created"]?.int)
            let firstToken = try #require(one["timings"]?["firstToken"]?.int)
            let ended = try #require(one["timings"]?["ended"]?.int)
            #expect(created <= firstToken && firstToken <= ended)
            #expect(one["created"]?.int == created / 1000)
        }
    }

    @Test(
        "Filters leave out what isn't asked for",
        arguments: [
            ("state=complete", 2), ("state=streaming", 1), ("state=error", 0), ("channel=one", 1), ("channel=all", 3),
            ("channel=none", 0), ("model=de*", 3), ("model=x*", 0), ("state=complete&channel=one", 1),
        ]
    )
    func filters(query: String, count: Int) async throws {
        let gate = Gate()
        let upstream = try TestUpstream { request, connection in
            let body = try connection.readBody().body
            try connection.eventStreamHead()
            try connection.chunk(Chat.frame(" a"))
            if String(decoding: body, as: UTF8.self).contains("slow") { try gate.pass() }
            try connection.chunk(Chat.finish + Chat.done)
            try connection.endChunks()
        }
        try await withServer(to: upstream) { server async throws in
            _ = try await fetch(Chat.request("a", [Field("Tokencast-Channel", "one")]), port: server.port)
            _ = try await fetch(Chat.request("b"), port: server.port)
            let running = try RawConnection(port: server.port)
            try await running.send(Chat.request("slow"))
            try await running.response(until: "a word") { !$0.body.isEmpty }
            let found = try await server.json("/streams?\(query)")["streams"]?.array
            #expect(found?.count == count)
            gate.open()
            try await running.response()
        }
    }

    @Test(
        "What can't be asked for is refused",
        arguments: [
            ("/streams?cursor=x", 400, "invalid_cursor"), ("/streams?limit=0", 400, nil),
            ("/streams?limit=1001", 400, nil),
            ("/streams?state=running", 400, nil), ("/streams?colour=red", 400, nil),
        ]
    )
    func refused(target: String, status: Int, code: String?) async throws {
        try await withServer(to: try Script.chat([])) { server async throws in
            let answer = try await fetch(.get(target), port: server.port)
            #expect(answer.status == status)
            #expect(try ErrorShape(answer.text).code == code)
        }
    }

    @Test("Channels are listed with their ends, and reading on from there misses nothing")
    func channels() async throws {
        let upstream = try Script.chat([" a"])
        try await withServer(to: upstream) { server async throws in
            _ = try await fetch(Chat.request("m", [Field("Tokencast-Channel", "demo")]), port: server.port)
            let listed = try await found("the channel's events") {
                let channels = try await server.json("/channels")["channels"]?.array ?? []
                let demo = channels.first { $0["channel"]?.string == "demo" }
                return demo?["end"]?.string?.hasSuffix("_0000000000") == false ? channels : nil
            }
            #expect(listed.compactMap { $0["channel"]?.string } == ["all", "demo"])
            let demo = listed[1]
            #expect(demo["subscribers"]?.int == 0 && demo["running"]?.array?.isEmpty == true)
            let end = try #require(demo["end"]?.string)
            let reader = try RawConnection(port: server.port)
            try await reader.send(.get("/channels/demo?since=\(end)"))
            try await reader.head()
            _ = try await fetch(Chat.request("m", [Field("Tokencast-Channel", "demo")]), port: server.port)
            let events = try await reader.response(until: "the end") { $0.events.contains { $0.name == "end" } }.events
            #expect(events.filter { !$0.data.isEmpty }.map(\.name) == ["start", "delta", "usage", "end"])
            let counted = try await server.json("/channels")["channels"]?[1]?["subscribers"]?.int
            #expect(counted == 1)
        }
    }

    @Test("HEAD has the headers and no body", arguments: ["/streams", "/channels"])
    func head(target: String) async throws {
        try await withServer(to: try Script.chat([])) { server async throws in
            let answer = try await fetch(RawRequest("HEAD", target), port: server.port)
            #expect(answer.status == 200 && answer.body.isEmpty)
            #expect(answer.value("cache-control") == "no-store")
            #expect(answer.value("content-type") == "application/json")
        }
    }
}
