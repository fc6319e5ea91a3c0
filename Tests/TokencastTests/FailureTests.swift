import TestSupport
import Testing
import Tokencast

/// Upstreams that fail: a status before the first byte, a frame or a cut behind it, and never a hang.
@Suite struct FailureTests {
    @Test func aRefusedConnectionIs502() async throws {
        let gone = try RefusingPort()
        try await Self.expect(502, "connect_failed", url: gone.url)
    }

    @Test func anUnknownNameIs502() async throws {
        try await Self.expect(502, "dns", url: "http://no-such-host.invalid")
    }

    @Test func anUpstreamWithoutTLSIs502() async throws {
        let upstream = try TestUpstream { _, _ in }
        try await Self.expect(502, "tls", url: "https://127.0.0.1:\(upstream.port)")
    }

    @Test func aConnectionThatNobodyTakesIs504() async throws {
        let deaf = try DeafPort()
        try await Self.expect(504, "timeout_connect", url: deaf.url) { $0.connectSeconds = 0.3 }
    }

    @Test func noFirstByteIs504() async throws {
        let upstream = try TestUpstream { _, connection in try connection.hang() }
        try await Self.expect(504, "timeout_first", url: upstream.url) { $0.firstByteSeconds = 0.3 }
    }

    @Test func aCloseWithoutAnswerIs502() async throws {
        let upstream = try TestUpstream { _, connection in connection.close() }
        try await Self.expect(502, "upstream_reset", url: upstream.url)
    }

    @Test func aResetBeforeTheHeadIs502() async throws {
        let upstream = try TestUpstream { _, connection in
            try connection.readBody()
            connection.reset()
        }
        try await Self.expect(502, "upstream_reset", url: upstream.url)
    }

    @Test func anAnswerThatIsNoHTTPIs502() async throws {
        let upstream = try TestUpstream { _, connection in
            try connection.readBody()
            try connection.send("SSH-2.0-OpenSSH\r\n\r\n")
            connection.close()
        }
        try await Self.expect(502, "upstream_malformed", url: upstream.url)
    }

    /// Sends a chat request to an upstream and expects an answer in OpenAI's shape.
    static func expect(
        _ status: Int,
        _ code: String,
        url: String,
        _ configure: (inout Configuration.Upstream) -> Void = { _ in },
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        try await withServer(
            .test { configuration in
                configuration.upstreams = [.init(name: "up", source: .url(url))]
                configuration.routes = [.init(upstream: "up")]
                configure(&configuration.upstreams[0])
            }
        ) { server async throws in
            let response = try await fetch(Chat.request(), port: server.port)
            #expect(response.status == status, sourceLocation: sourceLocation)
            #expect(response.value("content-type") == "application/json", sourceLocation: sourceLocation)
            let error = try ErrorShape(response.text)
            #expect(error.code == code, sourceLocation: sourceLocation)
            #expect(error.type == "upstream_error", sourceLocation: sourceLocation)
            #expect(error.message.contains("'up'"), sourceLocation: sourceLocation)
            // Subscribers learn of it as well.
            let stream = try #require(response.value("tokencast-stream"), sourceLocation: sourceLocation)
            let events = try await fetch(.get("/streams/\(stream)"), port: server.port).events
            #expect(events.map(\.name) == ["start", "end"], sourceLocation: sourceLocation)
            #expect(events.last?.data.contains(#""state":"error""#) == true, sourceLocation: sourceLocation)
        }
    }
}
