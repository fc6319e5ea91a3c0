import TestSupport
import Testing
import Tokencast

/// Streams that break off: at a frame boundary there is room for an error frame, inside a frame there is none.
@Suite struct BrokenStreamTests {
    /// How an upstream stops.
    struct Break: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var code: String
        var play: @Sendable (UpstreamConnection) throws -> Void
    }

    static let breaks = [
        Break(testDescription: "reset", code: "upstream_reset") { $0.reset() },
        Break(testDescription: "closed too early", code: "upstream_short") { $0.close() },
        Break(testDescription: "idle", code: "timeout_idle") { try $0.hang() },
    ]

    @Test("At a frame boundary the caller gets an error frame and a clean end", arguments: breaks)
    func atABoundary(_ broken: Break) async throws {
        let sent = Chat.frame(" a") + Chat.frame(" b")
        let upstream = try Self.upstream(sent, broken)
        try await withServer(.test(upstream, Self.timeouts)) { server async throws in
            let response = try await fetch(Chat.request(), port: server.port)
            #expect(response.status == 200)
            #expect(response.end == .complete)
            #expect(response.text.hasPrefix(sent))
            let added = response.events.dropFirst(2)
            #expect(added.count == 1)
            let error = try ErrorShape(try #require(added.first).data)
            #expect(error.code == broken.code)
            #expect(!response.text.contains("[DONE]"))
        }
    }

    @Test("Inside a frame the caller's connection is reset", arguments: breaks)
    func insideAFrame(_ broken: Break) async throws {
        let sent = Chat.frame(" a") + Chat.frame(" b").dropLast(9)
        let upstream = try Self.upstream(sent, broken)
        try await withServer(.test(upstream, Self.timeouts)) { server async throws in
            let connection = try RawConnection(port: server.port)
            try await connection.send(Chat.request())
            let response = try await connection.response()
            #expect(response.end == .reset)
            #expect(response.text == sent)
        }
    }

    @Test("A body that is no event stream is cut", arguments: breaks)
    func otherBodies(_ broken: Break) async throws {
        let upstream = try TestUpstream { _, connection in
            try connection.readBody()
            try connection.head("200 OK", "Content-Type: application/json", "Content-Length: 100")
            try connection.send("{\"a\":1")
            connection.rest(milliseconds: 20)
            try broken.play(connection)
        }
        try await withServer(.test(upstream, Self.timeouts)) { server async throws in
            for path in ["/v1/chat/completions", "/v1/embeddings"] {
                let response = try await fetch(Chat.request(path: path), port: server.port)
                #expect(response.end == .reset)
                #expect(response.text == "{\"a\":1")
            }
        }
    }

    @Test func anErrorFrameIsNotPutIntoACompressedStream() async throws {
        let upstream = try TestUpstream { _, connection in
            try connection.readBody()
            try connection.head(
                "200 OK",
                "Content-Type: text/event-stream",
                "Content-Encoding: gzip",
                "Transfer-Encoding: chunked"
            )
            try connection.chunk([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3])
            connection.rest(milliseconds: 20)
            connection.reset()
        }
        try await withServer(to: upstream) { server async throws in
            let response = try await fetch(Chat.request(), port: server.port)
            #expect(response.end == .reset)
            #expect(response.body.count == 10)
        }
    }

    @Test func aResetBehindTheEndIsNoError() async throws {
        let sent = Chat.stream([" a"])
        let upstream = try Self.upstream(sent, Self.breaks[0])
        try await withServer(to: upstream) { server async throws in
            let response = try await fetch(Chat.request(), port: server.port)
            #expect(response.end == .complete)
            #expect(response.text == sent)
            #expect(try await server.metric(#"tokencast_streams_ended_total{state="complete"}"#) == 1)
        }
    }

    @Test("A head without a body is a time-out as well", arguments: ["text/event-stream", "application/json"])
    func aHeadAlone(type: String) async throws {
        let upstream = try TestUpstream { _, connection in
            try connection.readBody()
            try connection.head("200 OK", "Content-Type: \(type)", "Transfer-Encoding: chunked")
            try connection.hang()
        }
        try await withServer(.test(upstream) { $0.upstreams[0].firstByteSeconds = 0.3 }) { server async throws in
            let response = try await fetch(Chat.request(), port: server.port)
            #expect(response.status == 200)
            if type == "text/event-stream" {
                #expect(response.end == .complete)
                #expect(try ErrorShape(try #require(response.events.first).data).code == "timeout_first")
            } else {
                #expect(response.end == .reset)
            }
        }
    }

    @Test func heartbeatsKeepAStreamAlive() async throws {
        let upstream = try TestUpstream { _, connection in
            try connection.readBody()
            try connection.eventStreamHead()
            for _ in 0..<20 {
                try connection.chunk(": still there\n")
                connection.rest(milliseconds: 100)
            }
            try connection.chunk(Chat.stream([" a"]))
            try connection.endChunks()
        }
        try await withServer(.test(upstream) { $0.upstreams[0].idleSeconds = 1 }) { server async throws in
            let response = try await fetch(Chat.request(), port: server.port)
            #expect(response.text.hasSuffix(Chat.done))
        }
    }

    private static func upstream(_ text: String, _ broken: Break) throws -> TestUpstream {
        try TestUpstream { _, connection in
            try connection.readBody()
            try connection.eventStreamHead()
            try connection.chunk(text)
            connection.rest(milliseconds: 20)
            try broken.play(connection)
        }
    }

    private static func timeouts(_ configuration: inout Configuration) {
        configuration.upstreams[0].idleSeconds = 0.3
    }
}
