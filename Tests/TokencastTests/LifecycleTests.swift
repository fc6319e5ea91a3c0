import Dialects
import Logging
import TestSupport
import Testing
import Tokencast

@testable import Tapes

/// Stopping: what runs may end, what doesn't in time is told so.
@Suite struct LifecycleTests {
    @Test func aRunningStreamEndsWithinTheDrainTime() async throws {
        let gate = Gate()
        let upstream = try Script.gated(Chat.words(5), gate)
        try await withServer(.test(upstream) { $0.drainSeconds = 60 }) { server async throws in
            let caller = try RawConnection(port: server.port)
            try await caller.send(Chat.request())
            let idle = try RawConnection(port: server.port)
            try await idle.send(.get("/readyz"))
            #expect(try await idle.response().text == "ready\n")
            gate.open(2)
            try await caller.response(until: "the second word") { $0.text.contains(" w1") }
            async let stopped: Void = server.stop()
            // Who waits for nothing is let go at once, and nobody new is let in.
            #expect(try await idle.closed() == .closed)
            #expect(throws: Failure.self) { try RawConnection(port: server.port) }
            gate.open(4)
            let response = try await caller.response()
            #expect(response.end == .complete)
            #expect(response.text == Chat.stream(Chat.words(5)))
            #expect(try await caller.closed() == .closed)
            try await stopped
        }
    }

    @Test func behindTheDrainTimeEveryoneIsTold() async throws {
        let upstream = try Script.endless()
        try await withDirectory { directory in
            let cassette = directory + "/tapes"
            try await RecordReplayTests.record(upstream, cassette) { server async throws in
                let caller = try RawConnection(port: server.port)
                try await caller.send(Chat.request())
                let id = try #require(try await caller.head().value("tokencast-stream"))
                let reader = try RawConnection(port: server.port)
                try await reader.send(.get("/channels/all"))
                try await reader.response(until: "an event") { !$0.events.isEmpty }
                let stream = try RawConnection(port: server.port)
                try await stream.send(.get("/streams/\(id)"))
                try await stream.response(until: "an event") { !$0.events.isEmpty }
                let socket = try await WebSocketClient(port: server.port, "/channels/all")
                try await socket.frames(until: "an event") { !$0.isEmpty }
                try await server.stop()

                let response = try await caller.response()
                #expect(response.end == .complete)
                #expect(try ErrorShape(try #require(response.events.last).data).code == "shutdown")
                for subscriber in [reader, stream] {
                    let events = try await subscriber.response()
                    #expect(events.end == .complete)
                    #expect(events.events.last?.name == "end")
                    #expect(try events.events.last?.json["state"]?.string == "error")
                }
                let frames = try await socket.closed()
                #expect(frames.last?.closeCode == 1012)
                #expect(frames.dropLast().last?.text.hasPrefix(#"{"type":"end""#) == true)
            }
            let found = names(in: cassette)
            #expect(found.count == 1)
            let tape = try TapeReader.read(path: "\(cassette)/\(try #require(found.first))")
            #expect(tape.end?.reason == .shutdown)
            #expect(!tape.isPartial)
        }
    }

    @Test func aReplayThatRunsIsToldAsWell() async throws {
        try await withDirectory { directory in
            let cassette = directory + "/tapes"
            let upstream = try TestUpstream { _, connection in
                try connection.readBody()
                try connection.eventStreamHead()
                try connection.chunk(Chat.frame(" a"))
                connection.rest(milliseconds: 200)
                try connection.chunk(Chat.frame(" b") + Chat.done)
                try connection.endChunks()
            }
            _ = try await RecordReplayTests.record(upstream, cassette) {
                try await fetch(Chat.request(), port: $0.port)
            }
            try await RecordReplayTests.replay(cassette, speed: 0.001) { server async throws in
                let caller = try RawConnection(port: server.port)
                try await caller.send(Chat.request())
                // Slowed a thousand times, it doesn't end within this test.
                let socket = try await WebSocketClient(port: server.port, "/channels/all")
                try await caller.response(until: "the first word") { !$0.events.isEmpty }
                try await server.stop()
                let response = try await caller.response()
                #expect(response.end == .complete)
                #expect(try ErrorShape(try #require(response.events.last).data).code == "shutdown")
                #expect(try await socket.closed().last?.closeCode == 1012)
            }
        }
    }

    @Test func cancellingTheTaskStopsAsGracefully() async throws {
        let upstream = try Script.endless()
        var configuration = Configuration()
        configuration.port = 0
        configuration.logLevel = .critical
        configuration.drainSeconds = 0.1
        configuration.upstreams = [.init(name: "up", source: .url(upstream.url))]
        configuration.routes = [.init(upstream: "up")]
        let address = Watched<String?>(nil)
        let service = TokencastService(configuration, logger: silent) { url in address.update { $0 = url } }
        let run = Task { try await service.run() }
        let url = try await address.wait(for: "the server to listen") { $0 }
        let port = try #require(url.split(separator: ":").last.flatMap { Int($0) })
        let caller = try RawConnection(port: port)
        try await caller.send(Chat.request())
        try await caller.response(until: "a word") { !$0.events.isEmpty }
        run.cancel()
        let response = try await caller.response()
        #expect(response.end == .complete)
        #expect(try ErrorShape(try #require(response.events.last).data).code == "shutdown")
        try await run.value
    }

    @Test func aPortThatIsTakenIsSaid() async throws {
        let upstream = try Script.chat(["a"])
        var configuration = Configuration()
        configuration.port = upstream.port
        configuration.upstreams = [.init(name: "up", source: .url(upstream.url))]
        await #expect(throws: ListenError.self) { try await TokencastService(configuration, logger: silent).run() }
    }

    @Test func theCountersAddUp() async throws {
        let upstream = try Script.chat(Chat.words(7))
        try await withServer(to: upstream) { server async throws in
            let text = Chat.stream(Chat.words(7))
            var id = ""
            for _ in 0..<5 {
                id = try #require(try await fetch(Chat.request(), port: server.port).value("tokencast-stream"))
            }
            for _ in 0..<2 { _ = try await fetch(.get("/streams/\(id)"), port: server.port) }
            #expect(try await server.metric("tokencast_streams") == 0)
            #expect(try await server.metric(#"tokencast_streams_ended_total{state="complete"}"#) == 5)
            #expect(try await server.metric("tokencast_tokens_total") == 35)
            #expect(try await server.metric("tokencast_deliveries_total") == 20)
            #expect(try await server.metric(#"tokencast_subscribers{transport="sse"}"#) == 0)
            #expect(try await server.metric("tokencast_upstream_bytes_total") == Double(5 * text.utf8.count))
            #expect(try await server.metric("tokencast_time_to_first_token_seconds_count") == 5)
            #expect(try await server.metric(#"tokencast_time_to_first_token_seconds_bucket{le="+Inf"}"#) == 5)
            // Five streams, two readers, seven questions for counters, and this one.
            #expect(try await server.metric("tokencast_requests_total") == 16)
        }
    }
}
