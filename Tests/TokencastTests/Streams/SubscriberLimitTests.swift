import NIOCore
import Server
import TestSupport
import Testing

/// Subscribers at a server's limits: too many, too slow, waiting, let go.
@Suite struct SubscriberLimitTests {
    private func run<Value>(
        _ upstream: TestUpstream,
        _ setting: WritableKeyPath<ServerConfiguration, Value>,
        _ value: Value,
        _ body: (TestServer) async throws -> Void
    ) async throws {
        try await withServer(eventLoops: 2, to: upstream, with: { $0[keyPath: setting] = value }, body)
    }

    private func subscriber(_ target: String, _ server: TestServer) async throws -> RawConnection {
        let reader = try RawConnection(port: server.port)
        try await reader.send(.get(target))
        try await reader.head()
        return reader
    }

    @Test("One more than there may be is told to come later, and nobody is evicted for it")
    func tooMany() async throws {
        let upstream = try Script.chat([" a"])
        try await run(upstream, \.limits.subscribers, 2) { server async throws in
            let first = try await subscriber("/channels/all", server)
            let second = try await subscriber("/channels/demo", server)
            let refused = try await fetch(.get("/channels/demo"), port: server.port)
            #expect(refused.status == 503)
            #expect(refused.value("retry-after").flatMap { Int($0) }.map { (1...5).contains($0) } == true)
            #expect(try ErrorShape(refused.text).code == "too_many")
            _ = try await fetch(Chat.request(), port: server.port)
            try await first.response(until: "an event") { $0.events.contains { $0.name == "end" } }
            second.close()
            try await eventually("there is room again") {
                let reader = try RawConnection(port: server.port)
                try await reader.send(.get("/channels/demo"))
                return try await reader.head().status == 200
            }
        }
    }

    @Test("A reader whose socket takes nothing is cut off and counted; one with nothing to take is not")
    func stalled() async throws {
        let upstream = try SlowReaderTests.flood()
        try await run(upstream, \.stallTimeout, .milliseconds(600)) { server async throws in
            let idle = try await subscriber("/channels/quiet", server)
            #expect(idle.inbox.current.last?.value("tokencast-stream") == nil)
            let deaf = try RawConnection(port: server.port, isReading: false, receiveBuffer: 16 << 10)
            try await deaf.send(.get("/channels/all"))
            let reader = try RawConnection(port: server.port)
            try await reader.send(.get("/channels/all?view=text"))
            try await reader.head()
            try await eventually("both read") {
                try await server.metric(#"tokencast_subscribers{transport="sse"}"#) == 3
            }
            let caller = try RawConnection(port: server.port)
            try await caller.send(Chat.request())
            try await eventually("the deaf one is cut off") {
                try await server.metric("tokencast_stalled_subscribers_total") == 1
            }
            deaf.startReading()
            #expect(try await deaf.closed() == .reset)
            try await reader.response(until: "the end") { $0.body.suffix(400).contains(ascii: "event: end") }
            #expect(idle.inbox.current.end == .open)
            #expect(try await server.metric(#"tokencast_subscribers{transport="sse"}"#) == 2)
        }
    }

    @Test("Who waits for a channel's next stream hears that we are there", arguments: ["openai", "raw", "delta"])
    func heartbeats(view: String) async throws {
        let upstream = try Script.chat([" a"])
        try await run(upstream, \.heartbeat, .milliseconds(50)) { server async throws in
            let reader = try await subscriber("/channels/demo?view=\(view)", server)
            try await reader.response(until: "two heartbeats") { $0.text.ranges(of: ": ping\n").count > 1 }
            _ = try await fetch(Chat.request("m", [Field("Tokencast-Channel", "demo")]), port: server.port)
            let text = try await reader.response(until: "the answer") { $0.text.contains("stop") }.text
            #expect(text.contains(" a"))
        }
    }

    @Test("A connection goes on behind a stream that has ended")
    func keptAlive() async throws {
        let upstream = try Script.chat([" a"])
        try await withServer(to: upstream) { server async throws in
            let id = try #require(try await fetch(Chat.request(), port: server.port).value("tokencast-stream"))
            let connection = try RawConnection(port: server.port)
            for turn in 0..<3 {
                try await connection.send(.get("/streams/\(id)"))
                let response = try await connection.response(turn)
                #expect(response.end == .complete && response.events.last?.name == "end")
            }
            #expect(connection.inbox.current.end == .open)
        }
    }

    @Test("A crowd is let go spread, each told when to come back")
    func drained() async throws {
        let upstream = try Script.chat([" a"])
        try await run(upstream, \.drainTimeout, .seconds(5)) { server async throws in
            var readers: [RawConnection] = []
            for _ in 0..<400 { readers.append(try await subscriber("/channels/demo", server)) }
            let plain = try await subscriber("/channels/demo?view=openai", server)
            try await server.stop()
            var ends: [ContinuousClock.Instant] = []
            var delays: Set<String> = []
            for reader in readers {
                let response = try await reader.response()
                #expect(response.end == .complete)
                let retries = response.text.split(separator: "\n").filter { $0.hasPrefix("retry: ") }
                #expect(retries.count == 2)
                delays.insert(String(retries.last ?? ""))
                ends.append(try #require(response.pieces.last).at)
            }
            #expect(try await plain.response().text.isEmpty)
            #expect(delays.count > 100)
            let sorted = ends.sorted()
            // A fifth of a second, for 400.
            #expect(sorted[399] - sorted[0] > .milliseconds(100))
        }
    }
}
