import TestSupport
import Testing

@testable import Tapes

/// Awkward upstreams: whatever they send comes to the caller as it came.
@Suite struct PassThroughTests {
    /// An upstream's answer behind its head.
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var play: @Sendable (UpstreamConnection) throws -> Void

        var testDescription: String { name }
    }

    static let cases: [Case] = [
        Case(name: "one byte at a time") { connection in
            try connection.eventStreamHead()
            for byte in Array(Chat.stream([" caf\u{E9}", " ok"]).utf8) { try connection.chunk([byte]) }
            try connection.endChunks()
        },
        Case(name: "characters cut in two") { connection in
            let bytes = Array(Chat.stream(["\u{1F980}", " \u{65E5}\u{672C}", "\u{E9}"]).utf8)
            try connection.eventStreamHead()
            for index in stride(from: 0, to: bytes.count, by: 7) {
                try connection.chunk(Array(bytes[index..<min(index + 7, bytes.count)]))
                if index % 5 == 0 { connection.rest(milliseconds: 1) }
            }
            try connection.endChunks()
        },
        Case(name: "comments, CRLF, ids, retry and unknown fields") { connection in
            try connection.eventStreamHead()
            try connection.chunk(": hello\r\n\r\nid: 7\r\nretry: 10\r\nfoo: bar\r\n")
            try connection.chunk(Chat.frame(" a") + ":\n\n" + Chat.finish + Chat.done)
            try connection.endChunks()
        },
        Case(name: "[DONE] inside the content") { connection in
            try connection.eventStreamHead()
            try connection.chunk(Chat.frame(" data: [DONE]") + Chat.frame(" more") + Chat.finish + Chat.done)
            try connection.endChunks()
        },
        Case(name: "two [DONE]s, and more behind them") { connection in
            try connection.eventStreamHead()
            try connection.chunk(Chat.frame(" a") + Chat.done + Chat.done + Chat.frame(" late") + ": bye\n")
            try connection.endChunks()
        },
        Case(name: "no [DONE], and half a frame at the end") { connection in
            try connection.eventStreamHead()
            try connection.chunk(Chat.frame(" a") + "data: {\"id\":")
            try connection.endChunks()
        },
        Case(name: "an empty stream") { connection in
            try connection.eventStreamHead()
            try connection.endChunks()
        },
        Case(name: "a stream that the connection's end ends") { connection in
            try connection.head("200 OK", "content-type: text/event-stream", "connection: close")
            try connection.send(Chat.stream([" a", " b"]))
            connection.close()
        },
        Case(name: "a stream with a length") { connection in
            try connection.reply(Chat.stream([" a", " b"]), type: "text/event-stream")
        },
        Case(name: "bytes that are no text, marked as a stream") { connection in
            try connection.eventStreamHead()
            try connection.chunk([UInt8](0...255) + [0xFF, 0xFE, 0x0A, 0x0A])
            try connection.endChunks()
        },
        Case(name: "a frame of 2 MB") { connection in
            try connection.eventStreamHead()
            try connection.chunk(Chat.frame(String(repeating: "x", count: 2 << 20)))
            try connection.chunk(Chat.done)
            try connection.endChunks()
        },
        Case(name: "20,000 frames") { connection in
            try connection.eventStreamHead()
            for _ in 0..<20 { try connection.chunk(String(repeating: Chat.frame(" t"), count: 1000)) }
            try connection.chunk(Chat.done)
            try connection.endChunks()
        },
        Case(name: "a compressed stream") { connection in
            try connection.head(
                "200 OK",
                "Content-Type: text/event-stream",
                "Content-Encoding: gzip",
                "Transfer-Encoding: chunked"
            )
            try connection.chunk([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 0x4B, 0x49])
            try connection.chunk([0x2C, 0x49, 4, 0, 0, 0])
            try connection.endChunks()
        },
        Case(name: "NDJSON") { connection in
            try connection.head("200 OK", "Content-Type: application/x-ndjson", "Transfer-Encoding: chunked")
            for index in 0..<50 { try connection.chunk("{\"response\":\"t\(index)\",\"done\":false}\n") }
            try connection.endChunks()
        },
        Case(name: "JSON") { connection in
            try connection.reply(#"{"choices":[{"index":0,"message":{"content":"hi"},"finish_reason":"stop"}]}"#)
        },
        Case(name: "JSON that calls itself a stream") { connection in
            try connection.reply(#"{"error":{"message":"no"}}"#, type: "text/event-stream")
        },
        Case(name: "an interim answer first") { connection in
            try connection.send("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n")
            try connection.reply(#"{"id":1}"#, status: "201 Created")
        },
        Case(name: "429 with what a client acts on") { connection in
            try connection.head(
                "429 Too Many Requests",
                "Content-Type: application/json",
                "Retry-After: 3",
                "X-Request-Id: req_7",
                "Content-Length: 33"
            )
            try connection.send(#"{"error":{"message":"slow down"}}"#)
        },
        Case(name: "500 as a page") { connection in
            try connection.reply("<h1>oops</h1>", status: "500 Internal Server Error", type: "text/html")
        },
        Case(name: "an error as a stream") { connection in
            try connection.head("503 Busy", "content-type: text/event-stream", "transfer-encoding: chunked")
            try connection.chunk("data: {\"error\":{\"message\":\"busy\"}}\n\n")
            try connection.endChunks()
        },
        Case(name: "204") { connection in
            try connection.head("204 No Content", "X-Request-Id: none")
        },
    ]

    @Test("What an awkward upstream sends comes as it came, by digest", arguments: cases)
    func bytesAreUnchanged(_ scenario: Case) async throws {
        let upstream = try TestUpstream { _, connection in
            try connection.readBody()
            try scenario.play(connection)
        }
        let direct = try await fetch(Chat.request(), port: upstream.port)
        try await withServer(to: upstream) { server async throws in
            let proxied = try await fetch(Chat.request(), port: server.port)
            #expect(SHA256.hex(of: proxied.body) == SHA256.hex(of: direct.body))
            #expect(proxied.status == direct.status)
            #expect(proxied.reason == direct.reason)
            #expect(proxied.end == .complete)
            #expect(Self.passing(proxied.fields) == Self.passing(direct.fields))
            #expect(proxied.interim.isEmpty)
        }
    }

    @Test("A path of no known dialect passes as well, streams and others", arguments: cases)
    func otherPathsPass(_ scenario: Case) async throws {
        let upstream = try TestUpstream { _, connection in
            try connection.readBody()
            try scenario.play(connection)
        }
        let direct = try await fetch(.post("/custom/generate?x=1", "{}"), port: upstream.port)
        try await withServer(to: upstream) { server async throws in
            let proxied = try await fetch(.post("/custom/generate?x=1", "{}"), port: server.port)
            #expect(SHA256.hex(of: proxied.body) == SHA256.hex(of: direct.body))
            #expect(proxied.status == direct.status)
            #expect(proxied.end == .complete)
            #expect(Self.passing(proxied.fields) == Self.passing(direct.fields))
        }
    }

    /// The fields that neither a connection's framing nor Tokencast itself puts in.
    static func passing(_ fields: [Field]) -> [Field] {
        let own = ["connection", "content-length", "transfer-encoding", "tokencast-stream"]
        return fields.filter { !own.contains($0.name.lowercased()) }
    }
}
