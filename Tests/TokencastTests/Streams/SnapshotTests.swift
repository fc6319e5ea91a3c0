import Dialects
import TestSupport
import Testing

/// `Accept: application/json`.
@Suite struct SnapshotTests {
    private static let accept = [Field("Accept", "application/json")]

    @Test("A stream is shown as it is now, and reading on from there gives exactly the rest")
    func stream() async throws {
        let gate = Gate()
        let upstream = try Script.gated([" a", " b", " c"], gate)
        try await withServer(eventLoops: 3, to: upstream) { server async throws in
            let caller = try RawConnection(port: server.port)
            gate.open(2)
            try await caller.send(Chat.request("asked", [Field("Tokencast-Channel", "demo")]))
            try await caller.response(until: "two words") { $0.events.count == 2 }
            let id = try #require(try await caller.head().value("tokencast-stream"))
            let now = try await found("both words") {
                let snapshot = try await server.json("/streams/\(id)", Self.accept)
                return snapshot["choices"]?[0]?["parts"]?[0]?["text"]?.string == " a b" ? snapshot : nil
            }
            #expect(now["stream"]?.string == id && now["state"]?.string == "streaming")
            #expect(now["dialect"]?.string == "openai.chat" && now["model"]?.string == "demo")
            #expect(now["method"]?.string == "POST" && now["path"]?.string == Chat.path)
            #expect(now["channel"]?.string == "demo" && now["status"]?.int == 200)
            #expect(now["end"]?.isNull == true && now["usage"]?.isNull == true && now["cut"]?.bool == false)
            #expect(now["timings"]?["firstToken"]?.int != nil && now["timings"]?["ended"]?.isNull == true)
            #expect(now["subscribers"]?.int == 0)
            let reader = try RawConnection(port: server.port)
            try await reader.send(.get("/streams/\(id)?since=\(now["asOf"]?.string ?? "")"))
            try await reader.head()
            let seen = try await found("the subscriber is counted") {
                let snapshot = try await server.json("/streams/\(id)", Self.accept)
                return snapshot["subscribers"]?.int == 1 ? snapshot : nil
            }
            #expect(seen["asOf"]?.string == now["asOf"]?.string)
            gate.open(2)
            let rest = try await reader.response().events.filter { !$0.data.isEmpty }
            #expect(rest.map(\.name) == ["delta", "usage", "end"])
            let whole = try await fetch(.get("/streams/\(id)", Self.accept), port: server.port)
            #expect(whole.value("content-type") == "application/json" && whole.value("cache-control") == "no-store")
            #expect(whole.value("tokencast-stream") == id)
            let end = try json(whole.text)
            #expect(end["state"]?.string == "complete" && end["end"]?["finish"]?.string == "stop")
            #expect(end["choices"]?[0]?["parts"]?[0]?["text"]?.string == " a b c")
            #expect(end["choices"]?[0]?["finish"]?.string == "stop")
            #expect(end["usage"]?["total_tokens"]?.int == 5 && end["timings"]?["ended"]?.int != nil)
            #expect(end["asOf"]?.string == rest.last?.id)
        }
    }

    @Test("A channel shows its running streams, and where its events begin and end")
    func channel() async throws {
        let gate = Gate()
        let upstream = try Script.gated([" a"], gate)
        try await withServer(eventLoops: 3, to: upstream) { server async throws in
            let empty = try await server.json("/channels/demo", Self.accept)
            #expect(empty["channel"]?.string == "demo" && empty["streams"]?.array?.isEmpty == true)
            #expect(empty["asOf"]?.string == empty["earliest"]?.string)
            gate.open()
            let caller = try RawConnection(port: server.port)
            try await caller.send(Chat.request("m", [Field("Tokencast-Channel", "demo")]))
            let running = try await found("a running stream") {
                let snapshot = try await server.json("/channels/demo", Self.accept)
                return snapshot["streams"]?[0]?["choices"]?[0] == nil ? nil : snapshot
            }
            #expect(running["streams"]?[0]?["stream"]?.string == caller.inbox.current.last?.value("tokencast-stream"))
            #expect(running["streams"]?[0]?["state"]?.string == "streaming" && running["subscribers"]?.int == 0)
            gate.open(1)
            try await caller.response()
            try await eventually("none runs") {
                try await server.json("/channels/demo", Self.accept)["streams"]?.array?.isEmpty == true
            }
        }
    }

    @Test("One snapshot in place of the history, on every transport", arguments: ["delta", "text"])
    func fold(view: String) async throws {
        try await withServer(eventLoops: 3, to: try Script.chat([" a", " b"])) { server async throws in
            let id = try #require(try await fetch(Chat.request(), port: server.port).value("tokencast-stream"))
            let target = "/streams/\(id)?catchup=fold&view=\(view)"
            let events = try await fetch(.get(target), port: server.port).events.filter { !$0.data.isEmpty }
            #expect(events.map(\.name) == ["snapshot", "end"])
            let socket = try await WebSocketClient(port: server.port, target)
            let frames = try await socket.closed().filter { $0.opcode == 1 }
            #expect(try frames.map { try json($0.text)["type"]?.string } == ["snapshot", "end"])
            var polled: [String] = []
            var next = ""
            for _ in 0..<3 where !polled.contains("end") {
                let poll = try await server.json("\(target)&live=long-poll\(next)")
                polled += poll["events"]?.array?.compactMap { $0["type"]?.string } ?? []
                next = "&since=\(poll["next"]?.string ?? "")"
            }
            #expect(polled == ["snapshot", "end"])
        }
    }

    @Test(
        "A browser that opens the page, and who takes anything, gets events; a socket is a socket",
        arguments: ["text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "*/*"]
    )
    func others(accept: String) async throws {
        try await withServer(to: try Script.chat([" a"])) { server async throws in
            let id = try #require(try await fetch(Chat.request(), port: server.port).value("tokencast-stream"))
            let page = try await fetch(.get("/streams/\(id)", [Field("Accept", accept)]), port: server.port)
            #expect(page.value("content-type") == "text/event-stream; charset=utf-8")
            let chosen = try await fetch(.get("/streams/\(id)?live=sse", Self.accept), port: server.port)
            #expect(chosen.value("content-type") == "text/event-stream; charset=utf-8")
            let head = try await fetch(RawRequest("HEAD", "/streams/\(id)", Self.accept), port: server.port)
            #expect(head.value("content-type") == "application/json" && head.body.isEmpty)
            _ = try await WebSocketClient(port: server.port, "/streams/\(id)", Self.accept).closed()
        }
    }

    @Test(
        "What isn't there has no snapshot, and what means nothing is refused",
        arguments: [
            ("/streams/x", 404), ("/channels/a%2Fb", 404), ("/channels/all?catchup=fold&view=raw", 400),
            ("/channels/all?catchup=fold&view=openai", 400),
        ]
    )
    func refused(target: String, status: Int) async throws {
        try await withServer(to: try Script.chat([])) { server async throws in
            #expect(try await fetch(.get(target, Self.accept), port: server.port).status == status)
        }
    }
}
