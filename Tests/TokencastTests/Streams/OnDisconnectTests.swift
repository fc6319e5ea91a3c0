import Dialects
import TestSupport
import Testing
import Tokencast

/// What becomes of a stream whose caller leaves, as its route says.
@Suite struct OnDisconnectTests {
    private func run(
        _ policy: Configuration.OnDisconnect,
        keepSeconds: Double = 60,
        _ body: @escaping (TestServer, TestUpstream, Gate) async throws -> Void
    ) async throws {
        let gate = Gate()
        let upstream = try Script.gated([" a", " b"], gate)
        let configuration = Configuration.test(upstream) {
            $0.routes = [.init(upstream: "test", onDisconnect: policy, keepSeconds: keepSeconds)]
        }
        try await withServer(configuration) { server async throws in try await body(server, upstream, gate) }
    }

    /// Sends a request, and leaves behind its first word, or before it.
    private func leave(_ server: TestServer, _ upstream: TestUpstream, _ gate: Gate, atFirstWord: Bool) async throws {
        let caller = try RawConnection(port: server.port)
        try await caller.send(Chat.request())
        try await upstream.log.wait(for: "the request") { $0.requests.first }
        if atFirstWord {
            gate.open(1)
            try await caller.response(until: "a word") { !$0.body.isEmpty }
        }
        caller.close()
    }

    @Test("drain: it runs to its end, with nobody there", arguments: [true, false])
    func drain(atFirstWord: Bool) async throws {
        try await run(.drain) { server, upstream, gate in
            try await leave(server, upstream, gate, atFirstWord: atFirstWord)
            gate.open(3)
            let stream = try await found("the stream is complete") {
                try await server.json("/streams?state=complete")["streams"]?[0]
            }
            #expect(stream["usage"]?["total_tokens"]?.int == 5)
            #expect(upstream.log.current.aborts.isEmpty)
        }
    }

    @Test("keep: whoever comes back in time gets the rest, and with him gone for good it is stopped")
    func keep() async throws {
        try await run(.keep, keepSeconds: 1) { server, upstream, gate in
            try await leave(server, upstream, gate, atFirstWord: true)
            let id = try #require(try await server.json("/streams")["streams"]?[0]?["stream"]?.string)
            let reader = try RawConnection(port: server.port)
            try await reader.send(.get("/streams/\(id)"))
            try await reader.response(until: "the word so far") { $0.events.contains { $0.name == "delta" } }
            gate.open(1)
            try await reader.response(until: "the next word") { $0.events.filter { $0.name == "delta" }.count == 2 }
            #expect(upstream.log.current.aborts.isEmpty)
            let left = ContinuousClock.now
            reader.close()
            let ended = try await found("the stream is stopped") {
                try await server.json("/streams?state=cancelled")["streams"]?[0] == nil ? nil : ContinuousClock.now
            }
            #expect(ended - left > .milliseconds(900))
        }
    }

    @Test("keep: a client that closes right behind the terminal event has a stream that is complete")
    func complete() async throws {
        let upstream = try TestUpstream { _, connection in
            try connection.readBody()
            try connection.eventStreamHead()
            try connection.chunk(Chat.stream([" a"]))
            try connection.hang()
        }
        let configuration = Configuration.test(upstream) {
            $0.routes = [.init(upstream: "test", onDisconnect: .keep)]
        }
        try await withServer(configuration) { server async throws in
            let caller = try RawConnection(port: server.port)
            try await caller.send(Chat.request())
            try await caller.response(until: "[DONE]") { $0.text.hasSuffix(Chat.done) }
            caller.close()
            let closed = ContinuousClock.now
            let end = try await upstream.log.wait(for: "the upstream's end") { $0.aborts.first }
            #expect(end - closed < .seconds(1))
            #expect(try await server.json("/streams?state=complete")["streams"]?.array?.count == 1)
        }
    }
}
