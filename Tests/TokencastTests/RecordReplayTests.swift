import TestSupport
import Testing
import Tokencast

@testable import Tapes

/// What is recorded comes back as it was.
@Suite struct RecordReplayTests {
    /// Frames in awkward chunks, with a rest between them.
    static let chunks: [[UInt8]] = {
        let bytes = Array(Chat.stream(["caf\u{E9}", " \u{1F980}", " [DONE]", " x"]).utf8)
        return stride(from: 0, to: bytes.count, by: 91).map { Array(bytes[$0..<min($0 + 91, bytes.count)]) }
    }()

    static func paced() throws -> TestUpstream {
        try TestUpstream { _, connection in
            try connection.readBody()
            try connection.head(
                "200 OK",
                "Content-Type: text/event-stream",
                "X-Request-Id: req_1",
                "Set-Cookie: sid=hush",
                "Transfer-Encoding: chunked"
            )
            for chunk in chunks {
                connection.rest(milliseconds: 20)
                try connection.chunk(chunk)
            }
            try connection.endChunks()
        }
    }

    @Test func aReplayHasTheSameBytesChunksAndPace() async throws {
        try await withDirectory { directory in
            let cassette = directory + "/tapes"
            let upstream = try Self.paced()
            let live = try await Self.record(upstream, cassette) { try await fetch(Chat.request(), port: $0.port) }
            let tape = try TapeReader.read(path: "\(cassette)/\(try #require(names(in: cassette).first))")
            #expect(tape.end?.reason == .eof)
            #expect(tape.end?.terminal == "[DONE]")
            #expect(tape.end?.text == "caf\u{E9} \u{1F980} [DONE] x")
            #expect(tape.chunks == live.pieces.map(\.bytes))

            let connections = upstream.log.current.connections
            upstream.stop()
            try await Self.replay(cassette, speed: 1) { server async throws in
                let again = try await fetch(Chat.request(), port: server.port)
                #expect(again.body == live.body)
                #expect(again.pieces.map(\.bytes) == live.pieces.map(\.bytes))
                #expect(again.status == 200)
                #expect(again.value("content-type") == "text/event-stream")
                #expect(again.value("x-request-id") == "req_1")
                #expect(again.value("set-cookie") == nil)
                #expect(again.value("tokencast-tape") != nil)
                // The gaps add up to what they were: a tape neither hurries nor drifts, whatever the machine does.
                let took = Self.span(live)
                #expect(Self.span(again) > took - .milliseconds(100))
                #expect(Self.span(again) < took + .seconds(2))
                // Subscribers get the stream as a live one's.
                let id = try #require(again.value("tokencast-stream"))
                let events = try await fetch(.get("/streams/\(id)?view=text"), port: server.port).events
                #expect(events.dropLast().map(\.data).joined() == tape.end?.text)
            }
            #expect(upstream.log.current.connections == connections)
        }
    }

    @Test func speedsOtherThanTheRecordedOne() async throws {
        try await withDirectory { directory in
            let cassette = directory + "/tapes"
            let upstream = try Self.paced()
            let live = try await Self.record(upstream, cassette) { try await fetch(Chat.request(), port: $0.port) }
            try await Self.replay(cassette, speed: 0) { server async throws in
                let again = try await fetch(Chat.request(), port: server.port)
                #expect(again.body == live.body)
                #expect(again.pieces.map(\.bytes) == live.pieces.map(\.bytes))
                #expect(Self.span(again) < Self.span(live))
            }
            try await Self.replay(cassette, speed: 0.5) { server async throws in
                let again = try await fetch(Chat.request(), port: server.port)
                #expect(again.body == live.body)
                #expect(Self.span(again) > Self.span(live) * 1.5)
            }
        }
    }

    @Test func aMissSaysWhatIsThere() async throws {
        try await withDirectory { directory in
            let cassette = directory + "/tapes"
            _ = try await Self.record(try Self.paced(), cassette) {
                try await fetch(Chat.request("gpt-a"), port: $0.port)
            }
            let name = try #require(names(in: cassette).first)
            try await Self.replay(cassette, speed: 0) { server async throws in
                let miss = try await fetch(Chat.request("gpt-b"), port: server.port)
                #expect(miss.status == 404)
                #expect(miss.value("x-should-retry") == "false")
                let error = try ErrorShape(miss.text)
                #expect(error.type == "tape_miss")
                #expect(error.code == "no_tape")
                #expect(error.message.contains(name))
                #expect(error.message.contains("/model"))
                #expect(try await fetch(Chat.request("gpt-a"), port: server.port).status == 200)
                let exhausted = try await fetch(Chat.request("gpt-a"), port: server.port)
                #expect(exhausted.status == 404)
                #expect(try ErrorShape(exhausted.text).code == "tapes_exhausted")
                #expect(try await server.metric("tokencast_tape_misses_total") == 2)
                #expect(try await server.metric("tokencast_tapes_replayed_total") == 1)
            }
        }
    }

    @Test func rulesAndScopesAreObeyed() async throws {
        try await withDirectory { directory in
            let cassette = directory + "/tapes"
            _ = try await Self.record(try Self.paced(), cassette) { server async throws in
                for scope in ["one", "two/three"] {
                    let field = Field("Tokencast-Scope", scope)
                    _ = try await fetch(Chat.request("in-\(scope.prefix(3))", [field]), port: server.port)
                }
                return try await fetch(Chat.request(path: "/~scope=four/v1/chat/completions"), port: server.port)
            }
            #expect(names(in: cassette) == ["four", "one", "two"])
            try write(#"{"match":["model"],"exhausted":"cycle","speed":0}"#, to: cassette + "/cassette.json")
            try await Self.replay(cassette, speed: nil) { server async throws in
                for _ in 0..<3 {
                    let request = RawRequest.post("/~scope=one/v1/chat/completions", Chat.body("in-one", prompt: "any"))
                    #expect(try await fetch(request, port: server.port).status == 200)
                    let other = RawRequest.post("/~scope=one/v1/chat/completions", Chat.body("in-two"))
                    #expect(try await fetch(other, port: server.port).status == 404)
                }
            }
        }
    }

    @Test("How an upstream failed is replayed", arguments: [502, 429, 200])
    func failuresAreReplayed(status: Int) async throws {
        try await withDirectory { directory in
            let cassette = directory + "/tapes"
            let upstream = try TestUpstream { _, connection in
                try connection.readBody()
                switch status {
                case 502:
                    connection.reset()
                case 429:
                    try connection.head(
                        "429 Slow",
                        "Retry-After: 7",
                        "content-type: application/json",
                        "Content-Length: 2"
                    )
                    try connection.send("{}")
                default:
                    try connection.eventStreamHead()
                    try connection.chunk(Chat.frame("a") + "data: {\"half")
                    connection.rest(milliseconds: 20)
                    connection.reset()
                }
            }
            let live = try await Self.record(upstream, cassette) { try await fetch(Chat.request(), port: $0.port) }
            try await Self.replay(cassette, speed: 1) { server async throws in
                let again = try await fetch(Chat.request(), port: server.port)
                #expect(again.status == live.status)
                #expect(again.end == live.end)
                #expect(again.value("retry-after") == live.value("retry-after"))
                if status == 502 {
                    #expect(try ErrorShape(again.text).code == "upstream_reset")
                } else {
                    #expect(again.body == live.body)
                }
            }
        }
    }

    // MARK: Tools

    static func record<R>(
        _ upstream: TestUpstream,
        _ cassette: String,
        key: String? = nil,
        _ body: (TestServer) async throws -> R
    ) async throws -> R {
        let configuration = Configuration.test(upstream) {
            $0.tapes.mode = .all
            $0.tapes.cassette = cassette
            $0.upstreams[0].key = key
        }
        return try await withServer(configuration, body)
    }

    static func replay(_ cassette: String, speed: Double?, _ body: (TestServer) async throws -> Void) async throws {
        let configuration = Configuration.test {
            $0.tapes.mode = .none
            $0.tapes.cassette = cassette
            $0.tapes.replay.speed = speed
        }
        try await withServer(configuration, body)
    }

    /// From the first to the last piece.
    static func span(_ response: RawResponse) -> Duration {
        guard let first = response.pieces.first, let last = response.pieces.last else { return .zero }
        return last.at - first.at
    }
}
