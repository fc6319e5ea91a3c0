import Tapes
import TestSupport
import Testing
import Tokencast

/// How a tape is played is said by the request, the configuration, the scope or the cassette.
@Suite("Options of a replay")
struct ReplayOptionsTests {
    @Test(
        "Each way of cutting arrives as chunks of the transfer coding",
        arguments: [
            "recorded", "event", "line", "byte", "size:7", "utf8-split", "crlf-split", "coalesce", "random:5",
        ]
    )
    func rechunk(_ mode: String) async throws {
        try await ReplayServer.run { server async throws in
            let plan = ReplayPlan(ReplayServer.tape(), ReplayOptions(rechunk: try Rechunk(parsing: mode)))
            let expected = plan.compactMap { step -> [UInt8]? in
                if case .chunk(let bytes) = step.action { Array(bytes) } else { nil }
            }
            let response = try await fetch(Chat.request("demo", [Field("Tokencast-Rechunk", mode)]), port: server.port)
            #expect(response.pieces.map(\.bytes) == expected)
            #expect(response.body == ReplayServer.body)
            #expect(response.end == .complete)
            #expect(response.value("tokencast-rechunk") == (mode == "recorded" ? nil : mode))
            #expect(response.value("tokencast-fault") == nil)
        }
    }

    @Test("A seed that is drawn is said, and cuts the same way again")
    func seed() async throws {
        try await ReplayServer.run { server async throws in
            let path = "/~rechunk=random/v1/chat/completions"
            let first = try await fetch(Chat.request(path: path), port: server.port)
            let other = try await fetch(Chat.request(path: path), port: server.port)
            let said = try #require(first.value("tokencast-rechunk"))
            #expect(said.hasPrefix("random:"))
            #expect(other.value("tokencast-rechunk") != said)
            let again = try await fetch(Chat.request("demo", [Field("tokencast-rechunk", said)]), port: server.port)
            #expect(again.pieces.map(\.bytes) == first.pieces.map(\.bytes))
            #expect(again.value("tokencast-rechunk") == said)
        }
    }

    @Test("The request beats the configuration, which beats the scope, which beats the cassette")
    func precedence() async throws {
        func cut(_ server: TestServer, _ path: String = Chat.path, _ fields: [Field] = []) async throws -> String? {
            try await fetch(Chat.request("demo", fields, path: path), port: server.port).value("tokencast-rechunk")
        }
        let rules = #"{"exhausted":"last","speed":0,"rechunk":"size:1"}"#
        let scoped = #"{"exhausted":"last","speed":0,"rechunk":"size:1","scopes":{"":{"rechunk":"size:2"}}}"#
        try await ReplayServer.run(rules: rules) { server async throws in
            #expect(try await cut(server) == "size:1")
        }
        try await ReplayServer.run(rules: scoped) { server async throws in
            #expect(try await cut(server) == "size:2")
        }
        try await ReplayServer.run(rules: scoped, options: ReplayOptions(rechunk: .size(3))) { server async throws in
            let url = "/~rechunk=size:4/v1/chat/completions"
            #expect(try await cut(server) == "size:3")
            #expect(try await cut(server, url) == "size:4")
            #expect(try await cut(server, url, [Field("Tokencast-Rechunk", "size:5")]) == "size:5")
        }
    }

    @Test("An upstream of its own has its own options")
    func upstream() async throws {
        try await withDirectory { directory in
            try write(String(decoding: ReplayServer.tape().encoded, as: UTF8.self), to: directory + "/t.tape.jsonl")
            let options = ReplayOptions(speed: 0, rechunk: .byte, faults: try Fault.list(parsing: ["dup@event:2"]))
            let configuration = Configuration.test {
                $0.upstreams = [.init(name: "tapes", source: .replay(cassette: directory, options))]
                $0.routes = [.init(upstream: "tapes")]
            }
            try await withServer(configuration) { server async throws in
                let response = try await fetch(Chat.request(), port: server.port)
                #expect(response.pieces.first?.bytes.count == 1)
                #expect(response.value("tokencast-fault") == "dup@event:2")
                let doubled = ReplayServer.first + ReplayServer.second + ReplayServer.second + ReplayServer.third
                #expect(response.text == doubled + Chat.finish + Chat.done)
            }
        }
    }

    @Test("What can't be an option is refused, with the forms there are")
    func refused() async throws {
        try await ReplayServer.run { server async throws in
            let bad = [
                ("Tokencast-Speed", "-1"), ("Tokencast-Max-Gap", "x"), ("Tokencast-Rechunk", "bits"),
                ("Tokencast-Fault", "drop@line:1"),
            ]
            for (name, value) in bad {
                let response = try await fetch(Chat.request("demo", [Field(name, value)]), port: server.port)
                #expect(response.status == 400)
                #expect(try ErrorShape(response.text).message.contains("'\(value)'"))
            }
            let url = try await fetch(Chat.request(path: "/~fault=drpo/v1/chat/completions"), port: server.port)
            #expect(url.status == 400)
            #expect(try await server.metric("tokencast_tapes_replayed_total") == 0)
        }
    }

    @Test("Where no tape answers they do nothing, and never go upstream")
    func live() async throws {
        let upstream = try Script.chat(["a"])
        try await withServer(to: upstream) { server async throws in
            let fields = [Field("Tokencast-Fault", "status:500"), Field("Tokencast-Rechunk", "byte")]
            let path = "/~speed=2,max-gap=1,fault=drop/v1/chat/completions"
            let response = try await fetch(Chat.request("demo", fields, path: path), port: server.port)
            #expect(response.status == 200)
            #expect(response.text == Chat.stream(["a"]))
            #expect(response.value("tokencast-rechunk") == nil)
            let seen = try #require(upstream.log.current.requests.first)
            #expect(seen.target == Chat.path)
            #expect(!seen.fields.contains { $0.name.lowercased().hasPrefix("tokencast-") })
        }
    }

    @Test("No pause is longer than the largest, and a speed is a factor")
    func times() async throws {
        let tape = ReplayServer.tape(every: 60_000)
        try await ReplayServer.run(tape, rules: #"{"exhausted":"last"}"#) { server async throws in
            let started = ContinuousClock.now
            let capped = try await fetch(Chat.request("demo", [Field("Tokencast-Max-Gap", "0.05")]), port: server.port)
            #expect(capped.body == ReplayServer.body)
            // Before the head 1 ms, then four chunks and the end.
            #expect(ContinuousClock.now - started >= .milliseconds(202))
            let again = ContinuousClock.now
            let fast = try await fetch(Chat.request(path: "/~speed=3000/v1/chat/completions"), port: server.port)
            #expect(fast.body == ReplayServer.body)
            // Counted from the request: a first chunk that is read late makes what follows look faster.
            #expect(ContinuousClock.now - again >= .milliseconds(60))
        }
    }

    @Test("A body of a quarter of a million chunks is played to a caller that reads late, with all its bytes")
    func large() async throws {
        let frame = Array(Chat.frame(String(repeating: "x", count: 8000)).utf8)
        let chunks = Array(repeating: frame, count: 500)
        try await ReplayServer.run(ReplayServer.tape(chunks)) { server async throws in
            let caller = try RawConnection(port: server.port, isReading: false, receiveBuffer: 16 << 10)
            try await caller.send(Chat.request("demo", [Field("Tokencast-Rechunk", "size:16")]))
            // Others are served meanwhile.
            #expect(try await fetch(.get("/healthz"), port: server.port).status == 200)
            caller.startReading()
            let response = try await caller.response()
            #expect(response.end == .complete)
            #expect(response.pieces.count == (frame.count * 500 + 15) / 16)
            #expect(response.body == Array(chunks.joined()))
        }
    }
}
