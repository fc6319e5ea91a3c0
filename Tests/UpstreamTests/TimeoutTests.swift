import TestSupport
import Testing
import Upstream

/// Clocks and failures, by the words that tapes and errors use.
@Suite struct TimeoutTests {
    private func failure(
        _ url: String,
        _ timeouts: UpstreamTimeouts = .init()
    ) async throws -> UpstreamFailure? {
        try await withEngine { engine in
            try await engine.run(.init(method: "GET", url: url, timeouts: timeouts)).end().failure
        }
    }

    private let short = UpstreamTimeouts(
        connect: .milliseconds(300),
        firstByte: .milliseconds(300),
        idle: .milliseconds(300)
    )

    @Test func nobodyTakesTheConnection() async throws {
        let deaf = try DeafPort()
        let failure = try #require(try await failure(deaf.url, short))
        // Either clock may be the first to ring.
        #expect(failure.reason == .connectTimeout || failure.reason == .firstByteTimeout)
        #expect(failure.status == 504)
    }

    @Test func noFirstByte() async throws {
        let upstream = try TestUpstream { _, connection in try connection.hang() }
        let failure = try #require(try await failure(upstream.url, short))
        #expect(failure.reason == .firstByteTimeout)
        #expect(failure.status == 504)
        try await upstream.log.wait(for: "the connection's end") { $0.aborts.first }
    }

    @Test func noMoreBytes() async throws {
        let upstream = try TestUpstream { _, connection in
            try connection.head("200 OK", "Transfer-Encoding: chunked")
            try connection.chunk("one")
            try connection.hang()
        }
        #expect(try await failure(upstream.url, short)?.reason == .idleTimeout)
    }

    @Test func aDripIsNotIdle() async throws {
        let upstream = try TestUpstream { _, connection in
            try connection.head("200 OK", "Transfer-Encoding: chunked")
            for _ in 0..<12 {
                try connection.chunk(".")
                connection.rest(milliseconds: 100)
            }
            try connection.endChunks()
        }
        #expect(try await failure(upstream.url, .init(firstByte: .seconds(1), idle: .seconds(1))) == nil)
    }

    @Test func aTransferWithLongTimesDoesNotHideOneWithShort() async throws {
        let upstream = try TestUpstream { _, connection in try connection.hang() }
        try await withEngine { engine in
            let patient = try await engine.run(.init(method: "GET", url: upstream.url))
            let hasty = try await engine.run(.init(method: "GET", url: upstream.url, timeouts: short))
            #expect(try await hasty.end().failure?.reason == .firstByteTimeout)
            #expect(!patient.heard.current.isOver)
        }
    }

    @Test func refusedUnknownAndUnspeakable() async throws {
        let gone = try RefusingPort()
        #expect(try await failure(gone.url)?.reason == .refused)
        #expect(try await failure("http://no-such-host.invalid/")?.reason == .dns)
        #expect(try await failure("ftp://127.0.0.1/")?.reason == .invalidRequest)
        #expect(try await failure("http://[::1")?.reason == .invalidRequest)
        #expect(try await failure("")?.reason == .invalidRequest)
    }

    @Test(
        "Ends that come too early",
        arguments: [
            ("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort", UpstreamFailure.Reason.short),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nshort\r\n", .short),
            // libcurl has no word of its own for a chunk that is none.
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n", .reset),
            ("", .reset),
        ]
    )
    func early(answer: String, reason: UpstreamFailure.Reason) async throws {
        let upstream = try TestUpstream { _, connection in
            try connection.send(answer)
            connection.close()
        }
        #expect(try await failure(upstream.url)?.reason == reason)
        #expect(try await failure(upstream.url)?.status == 502)
    }
}
