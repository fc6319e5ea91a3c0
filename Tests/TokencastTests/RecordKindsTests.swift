import Dialects
import TestSupport
import Testing

@testable import Tapes
@testable import Tokencast

/// Every kind of answer is replayed as it was recorded.
@Suite struct RecordKindsTests {
    /// What an upstream does, by the last segment of the path.
    private enum Kind: String, CaseIterable, Sendable {
        case document
        case serverError
        case ndjson
        case jsonArray
        case binary
        case empty
        case noContent
        case short
        case reset
        case idle

        func answer(_ connection: UpstreamConnection) throws {
            switch self {
            case .document:
                let body = #"{"id":"chatcmpl-1","choices":[{"message":{"content":"caf\u{E9}"}}]}"#
                try connection.head("200 OK", "content-type: application/json", "content-length: \(body.utf8.count)")
                try connection.send(body)
            case .serverError:
                let body = #"{"error":{"message":"broken","type":"server_error","param":null,"code":null}}"#
                try connection.head(
                    "500 Broken",
                    "content-type: application/json",
                    "content-length: \(body.utf8.count)"
                )
                try connection.send(body)
            case .ndjson:
                try stream(
                    "application/x-ndjson",
                    ["{\"response\":\"a\",", "\"done\":false}\n", "{\"done\":true}\n"],
                    connection
                )
            case .jsonArray:
                try stream(
                    "application/json",
                    ["[{\"candidates\":[", "]}\r\n", ",\r\n{\"candidates\":[]}", "]\n"],
                    connection
                )
            case .binary:
                let message: [UInt8] = [0, 0, 0, 16, 0, 0, 0, 0, 0xFF, 0xFE, 0x80, 0, 0xC3, 0x28, 0xF5, 0x7F]
                try stream(
                    "application/vnd.amazon.eventstream",
                    [Array(message[..<5]), Array(message[5...]), message],
                    connection
                )
            case .empty: try stream("text/event-stream", [String](), connection)
            case .noContent: try connection.head("204 No Content")
            case .short:
                try connection.head("200 OK", "content-type: text/event-stream", "content-length: 1000")
                try connection.send(Chat.frame("a"))
                connection.rest(milliseconds: 20)
                connection.close()
            case .reset:
                try connection.eventStreamHead()
                for word in ["a", "b", "c", "d"] {
                    try connection.chunk(Chat.frame(word))
                    connection.rest(milliseconds: 10)
                }
                connection.reset()
            case .idle:
                try connection.eventStreamHead()
                try connection.chunk(Chat.frame("a"))
                connection.rest(milliseconds: 600)
            }
        }

        private func stream(_ type: String, _ chunks: [String], _ connection: UpstreamConnection) throws {
            try stream(type, chunks.map { Array($0.utf8) }, connection)
        }

        private func stream(_ type: String, _ chunks: [[UInt8]], _ connection: UpstreamConnection) throws {
            try connection.head("200 OK", "content-type: \(type)", "transfer-encoding: chunked")
            for chunk in chunks {
                try connection.chunk(chunk)
                connection.rest(milliseconds: 5)
            }
            try connection.endChunks()
        }
    }

    @Test("What a caller got live, it gets from the tape: status, headers, bytes, chunks and end")
    func alike() async throws {
        let upstream = try TestUpstream { request, connection in
            try connection.readBody()
            let name = request.target.split(separator: "/").last.map(String.init) ?? ""
            guard let kind = Kind(rawValue: name) else { throw Failure("no kind \(name)") }
            try kind.answer(connection)
        }
        try await withDirectory { directory in
            let cassette = directory + "/tapes"
            let configuration = Configuration.test(upstream) {
                $0.tapes.mode = .all
                $0.tapes.cassette = cassette
                $0.upstreams[0].idleSeconds = 0.3
            }
            let live = try await withServer(configuration) { server in try await Self.ask(server) }
            upstream.stop()
            try await RecordReplayTests.replay(cassette, speed: 1) { server async throws in
                let again = try await Self.ask(server)
                for kind in Kind.allCases {
                    let (before, after) = (try #require(live[kind]), try #require(again[kind]))
                    #expect(after.status == before.status, "\(kind)")
                    #expect(after.end == before.end, "\(kind)")
                    #expect(after.value("content-type") == before.value("content-type"), "\(kind)")
                    let isBroken = [.short, .reset, .idle].contains(kind)
                    // A stream that breaks off ends with an error of ours, whose message says that it is from a tape.
                    let pieces = (before.pieces, after.pieces)
                    #expect(
                        pieces.1.dropLast(isBroken ? 1 : 0).map(\.bytes)
                            == pieces.0.dropLast(isBroken ? 1 : 0).map(\.bytes),
                        "\(kind)"
                    )
                    guard isBroken else { continue }
                    #expect(pieces.0.count > 1, "\(kind)")
                    #expect(try Self.code(pieces.1.last) == Self.code(pieces.0.last), "\(kind)")
                }
            }
        }
    }

    private static func ask(_ server: TestServer) async throws -> [Kind: RawResponse] {
        var answers: [Kind: RawResponse] = [:]
        for kind in Kind.allCases {
            answers[kind] = try await fetch(.post("/v1/any/\(kind.rawValue)", Chat.body()), port: server.port)
        }
        return answers
    }

    private static func code(_ piece: RawResponse.Piece?) throws -> String? {
        let text = String(decoding: piece?.bytes ?? [], as: UTF8.self)
        guard text.hasPrefix("data: ") else { throw Failure("no frame: \(text)") }
        return try ErrorShape(String(text.dropFirst("data: ".count))).code
    }
}
