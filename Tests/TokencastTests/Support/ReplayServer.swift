import Dialects
import TestSupport
import Tokencast

@testable import Tapes

/// A cassette of one chat stream, made by hand, and a server that plays it.
enum ReplayServer {
    static let first = Chat.frame("caf\u{E9}")
    static let second = Chat.frame(" two")
    static let third = Chat.frame(" three")

    /// Four chunks at 10, 20, 30 and 40 ms, two of them cut within the second frame and its character.
    static let chunks: [[UInt8]] = {
        let stream = Array((first + second).utf8)
        let cut = first.utf8.count + 30
        let tail = Array((third + Chat.finish).utf8)
        return [Array(stream[..<cut]), Array(stream[cut...]), tail, Array(Chat.done.utf8)]
    }()

    static var body: [UInt8] { Array(chunks.joined()) }

    /// The tape of a stream, at the answer to ``Chat/request(_:_:path:)``.
    static func tape(_ chunks: [[UInt8]] = chunks, every milliseconds: Int64 = 10) -> Tape {
        let request = TapeRequest(
            method: "POST",
            path: Chat.path,
            body: (try? JSONValue(parsing: Chat.body())).map { .json($0) } ?? .none
        )
        return Tape(
            header: Tape.Header(created: "2026-01-02T03:04:05Z", tool: "tokencast/test"),
            request: request,
            response: Tape.Response(
                offset: 1000,
                status: 200,
                headers: [TapeField("content-type", "text/event-stream")]
            ),
            entries: chunks.enumerated().map { index, bytes in
                Tape.Entry(offset: Int64(index + 1) * milliseconds * 1000, .chunk(bytes))
            },
            end: TapeEnd(offset: Int64(chunks.count) * milliseconds * 1000 + 1000, reason: .eof)
        )
    }

    /// Runs `body` with a server whose cassette has this tape, once or as often as the rules say.
    static func run(
        _ tape: Tape = tape(),
        rules: String = #"{"exhausted":"last","speed":0}"#,
        options: ReplayOptions = ReplayOptions(),
        _ body: (TestServer) async throws -> Void
    ) async throws {
        try await withDirectory { directory in
            try write(String(decoding: tape.encoded, as: UTF8.self), to: directory + "/t.tape.jsonl")
            try write(rules, to: directory + "/cassette.json")
            let configuration = Configuration.test {
                $0.tapes.mode = .none
                $0.tapes.cassette = directory
                $0.tapes.replay = options
            }
            try await withServer(configuration, body)
        }
    }

    /// The answer to a request with these faults, cut at every event.
    static func answer(_ faults: String, _ server: TestServer) async throws -> RawResponse {
        try await fetch(Chat.request("demo", [Field("Tokencast-Fault", faults)]), port: server.port)
    }
}
