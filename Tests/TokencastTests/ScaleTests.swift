import Dialects
import TestSupport
import Testing

@testable import Tapes

#if canImport(Glibc)
import Glibc
#endif

/// A thousand readers by each transport: every event, in order, none lost, none doubled.
@Suite struct ScaleTests {
    static let streams = 20
    static let words = 40

    /// How many readers of each kind; `TOKENCAST_TEST_READERS` sets another number, for a slow machine.
    static var readers: Int { getenv("TOKENCAST_TEST_READERS").flatMap { Int(String(cString: $0)) } ?? 1000 }

    @Test(.timeLimit(.minutes(3)))
    func everyReaderGetsEveryEventOfInterleavedStreams() async throws {
        try Self.raiseFileLimit(2 * 2 * Self.readers + 500)
        let gate = Gate()
        let upstream = try TestUpstream { request, connection in
            let body = try connection.readBody().body
            let name = String(decoding: body, as: UTF8.self).split(separator: "\"")[2]
            try connection.eventStreamHead()
            try gate.pass()
            // Unequal paces, so that the streams interleave in ever new ways.
            let pause = 20 + name.utf8.reduce(0) { ($0 &* 7 &+ Int($1)) % 23 }
            for index in 0..<Self.words {
                try connection.chunk(Chat.frame(" \(name)-\(index)"))
                connection.rest(milliseconds: pause)
            }
            try connection.chunk(Chat.finish + Chat.usage + Chat.done)
            try connection.endChunks()
        }
        try await Slots.shared.alone {
            try await withServer(eventLoops: 2, to: upstream) { server async throws in
                let events = try Crowd(Self.readers, .eventStream, port: server.port, target: "/channels/crowd")
                let sockets = try Crowd(Self.readers, .webSocket, port: server.port, target: "/channels/crowd")
                defer {
                    events.stop()
                    sockets.stop()
                }
                for crowd in [events, sockets] {
                    try await crowd.state.wait(for: "every subscriber", within: .seconds(60)) {
                        $0.ready == Self.readers ? true : nil
                    }
                }
                let texts = try await Self.run(server, gate)
                for crowd in [events, sockets] {
                    try await crowd.state.wait(for: "all events at all subscribers", within: .seconds(90)) { state in
                        if let failure = state.failure { throw Failure(failure) }
                        return state.slowest == state.reference.count && Self.isWhole(state.reference) ? true : nil
                    }
                }
                let seen = try ServerSentEvent.parse(events.state.current.reference).map { event in
                    let data = try event.json
                    return Seen(
                        id: event.id,
                        name: event.name,
                        stream: data["stream"]?.string,
                        text: data["text"]?.string
                    )
                }
                try Self.check(seen, texts)
                let frames = try WebSocketClient.parse(sockets.state.current.reference).map { frame in
                    let message = try json(frame.text)
                    return Seen(
                        id: message["id"]?.string ?? "",
                        name: message["type"]?.string ?? "",
                        stream: message["stream"]?.string,
                        text: message["data"]?["text"]?.string
                    )
                }
                #expect(frames == seen)
                let count = Double(Self.streams * (Self.words + 3))
                let deliveries = try await server.metric("tokencast_deliveries_total")
                #expect(deliveries == count * 2 * Double(Self.readers))
            }
        }
    }

    /// Starts all streams, lets them go at once, and waits for their callers; returns each stream's text.
    private static func run(_ server: TestServer, _ gate: Gate) async throws -> [String: String] {
        var callers: [RawConnection] = []
        for index in 0..<streams {
            let caller = try RawConnection(port: server.port)
            try await caller.send(Chat.request("s\(index)", [Field("Tokencast-Channel", "crowd")]))
            callers.append(caller)
        }
        for caller in callers { try await caller.head() }
        gate.open(streams)
        var texts: [String: String] = [:]
        for caller in callers {
            let response = try await caller.response()
            #expect(response.end == .complete)
            let id = try #require(response.value("tokencast-stream"))
            texts[id] = try response.events.dropLast()
                .compactMap { try $0.json["choices"]?[0]?["delta"]?["content"]?.string }.joined()
        }
        return texts
    }

    /// Whether as many ends have come as there are streams.
    private static func isWhole(_ bytes: [UInt8]) -> Bool {
        var count = 0
        var start = 0
        let end = Array(#""state":"complete""#.utf8)
        while let found = bytes.firstRange(of: end, from: start) {
            count += 1
            start = found.upperBound
        }
        return count == streams
    }

    /// An event as both transports have it.
    private struct Seen: Equatable {
        var id: String
        var name: String
        var stream: String?
        var text: String?
    }

    /// Checks the events of one reader: dense numbers, and of each stream all words in their order.
    private static func check(_ events: [Seen], _ texts: [String: String]) throws {
        let numbers = events.map { Int($0.id.suffix(10)) ?? 0 }
        #expect(numbers == numbers.sorted())
        #expect(Set(numbers).count == numbers.count)
        #expect(Set(events.map { $0.id.dropLast(11) }).count == 1)
        #expect(events.count == streams * (words + 3))
        var found: [String: String] = [:]
        for event in events where event.name == "delta" {
            found[try #require(event.stream), default: ""] += event.text ?? ""
        }
        #expect(found.mapValues(digest) == texts.mapValues(digest))
        #expect(texts.values.allSatisfy { $0.split(separator: " ").count == words })
        // They did interleave.
        let runs = zip(events, events.dropFirst()).filter { $0.stream != $1.stream }.count
        #expect(runs > streams * 5)
    }

    private static func digest(_ text: String) -> String { SHA256.hex(of: Array(text.utf8)) }

    private static func raiseFileLimit(_ wanted: Int) throws {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        try #require(limit.rlim_cur >= UInt(wanted), "this system allows too few files for that many readers")
    }
}
