import Dialects
import TestSupport
import Testing

@testable import Tapes

/// Readers that don't keep up: they slow nobody but, where they are alone, the upstream.
@Suite struct SlowReaderTests {
    static let total = 48 << 20

    /// Sends 48 MB of frames, faster than they can be parsed.
    static func flood() throws -> TestUpstream {
        try TestUpstream { _, connection in
            try connection.readBody()
            try connection.eventStreamHead()
            let frame = Chat.frame(String(repeating: "x", count: 64 << 10))
            for _ in 0..<total / frame.utf8.count {
                try connection.chunk(frame)
                connection.mark("frame")
            }
            try connection.chunk(Chat.done)
            try connection.endChunks()
            connection.mark("end")
        }
    }

    /// Waits until the upstream gets rid of no more, long before its end.
    static func stall(_ upstream: TestUpstream) async throws {
        var sent = 0
        while true {
            let before = sent
            do {
                sent = try await upstream.log.wait(for: "more", within: .milliseconds(1500)) { log in
                    log.marks["frame"].flatMap { $0 > before ? $0 : nil }
                }
            } catch is Late {
                break
            }
        }
        #expect(sent > 0)
        #expect(upstream.log.current.marks["end"] == nil)
    }

    @Test func aCallerWhoDoesNotReadHasTheUpstreamWait() async throws {
        let upstream = try Self.flood()
        try await withServer(to: upstream) { server async throws in
            let caller = try RawConnection(port: server.port, isReading: false, receiveBuffer: 16 << 10)
            try await caller.send(Chat.request())
            try await Self.stall(upstream)
            caller.startReading()
            let response = try await caller.response()
            #expect(response.end == .complete)
            #expect(response.text.hasSuffix(Chat.done))
            #expect(response.body.count > Self.total * 9 / 10)
        }
    }

    @Test func aCallerWhoDoesNotReadIsDroppedForTheSakeOfASubscriber() async throws {
        let upstream = try Self.flood()
        try await withServer(eventLoops: 2, to: upstream) { server async throws in
            let reader = try RawConnection(port: server.port)
            try await reader.send(.get("/channels/all?view=text"))
            try await reader.head()
            let caller = try RawConnection(port: server.port, isReading: false, receiveBuffer: 16 << 10)
            try await caller.send(Chat.request())
            let response = try await reader.response(until: "the end") {
                $0.body.suffix(400).contains(ascii: "event: end")
            }
            // One that lags beyond what is kept has a snapshot in place of some of it.
            #expect(response.body.count > 8 << 20)
            caller.startReading()
            #expect(try await caller.closed() == .reset)
        }
    }

    @Test func aSubscriberWhoComesToAPausedStreamIsServed() async throws {
        let upstream = try Self.flood()
        try await withServer(eventLoops: 2, to: upstream) { server async throws in
            let caller = try RawConnection(port: server.port, isReading: false, receiveBuffer: 16 << 10)
            try await caller.send(Chat.request())
            try await Self.stall(upstream)
            let reader = try RawConnection(port: server.port)
            try await reader.send(.get("/channels/all?view=text"))
            try await reader.response(until: "the end") { $0.body.suffix(400).contains(ascii: "event: end") }
        }
    }

    @Test func aSubscriberWhoDoesNotReadSlowsNobodyAndMissesNothing() async throws {
        let words = Chat.words(20_000)
        let upstream = try Script.chat(words)
        try await withServer(eventLoops: 2, to: upstream) { server async throws in
            let slow = try RawConnection(port: server.port, isReading: false, receiveBuffer: 4 << 10)
            try await slow.send(.get("/channels/all"))
            try await eventually("it subscribes") {
                try await server.metric(#"tokencast_subscribers{transport="sse"}"#) == 1
            }
            let id = try #require(try await fetch(Chat.request(), port: server.port).value("tokencast-stream"))
            let whole = try await fetch(.get("/streams/\(id)?view=delta"), port: server.port).events
            #expect(whole.count == words.count + 3)
            slow.startReading()
            let response = try await slow.response(until: "the end") {
                $0.body.suffix(400).contains(ascii: "event: end")
            }
            // While it lagged deltas were merged; together they are the same.
            let events = response.events
            #expect(events.count < whole.count)
            #expect(Set(events.map(\.id)).count == events.count)
            #expect(events.map(\.id) == events.map(\.id).sorted())
            #expect(Self.text(of: events) == words.joined())
            #expect(events.last?.data.hasPrefix(whole.last?.data.dropLast() ?? "-") == true)
        }
    }
}

extension SlowReaderTests {
    /// The text of all deltas, one after the other.
    private static func text(of events: [ServerSentEvent]) -> String {
        events.filter { $0.name == "delta" }.compactMap { event in
            try? JSONValue(parsing: Array(event.data.utf8))["text"]?.string
        }.joined()
    }
}

extension Collection<UInt8> {
    func contains(ascii text: String) -> Bool { Array(self).firstRange(of: Array(text.utf8)) != nil }
}
