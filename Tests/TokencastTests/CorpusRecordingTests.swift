import Dialects
import TestSupport
import Testing

@testable import Tapes

/// What a provider's stream may look like.
private struct Answer: Sendable {
    var contentType: String
    var chunks: [[UInt8]]

    var body: [UInt8] { Array(chunks.joined()) }

    /// Cuts a body at random places; the same ones for the same seed.
    init(_ body: [UInt8], contentType: String, seed: UInt64) {
        self.contentType = contentType
        chunks = []
        var generator = SplitMix64(seed: seed)
        var start = 0
        while start < body.count {
            let end = min(body.count, start + Int.random(in: 1...400, using: &generator))
            chunks.append(Array(body[start..<end]))
            start = end
        }
    }
}

/// Real streams of every provider, recorded through a real proxy and replayed by it.
@Suite struct CorpusRecordingTests {
    /// The folder that the environment names; nil where there is none.
    private static let folder = ProcessVariables["TOKENCAST_CORPUS"].map { $0 + "/streams/" }

    private static func answers(seed: UInt64) throws -> [(file: String, answer: Answer)] {
        guard let folder else { return [] }
        let index = try JSONValue(parsing: contents(of: folder + "index.json"))
        return try (index["streams"]?.array ?? []).enumerated().map { number, stream in
            guard let file = stream["file"]?.string else { throw Failure("an entry without a file") }
            let body = contents(of: folder + file)
            let type = stream["content_type"]?.string ?? "text/event-stream"
            return (file, Answer(body, contentType: type, seed: seed &+ UInt64(number)))
        }
    }

    @Test(
        "A tape of every stream of the corpus gives its bytes back",
        .enabled(if: folder != nil, "TOKENCAST_CORPUS isn't set")
    )
    func everyStream() async throws {
        let seed = UInt64.random(in: 0..<1_000_000)
        let streams = try Self.answers(seed: seed)
        #expect(streams.count > 200)
        print("recording and replaying \(streams.count) streams, cut at random with seed \(seed)")
        let upstream = try TestUpstream { [streams] request, connection in
            try connection.readBody()
            guard let number = request.target.split(separator: "/").last.flatMap({ Int($0) }) else {
                throw Failure("path")
            }
            let answer = streams[number].answer
            try connection.head("200 OK", "content-type: \(answer.contentType)", "transfer-encoding: chunked")
            for chunk in answer.chunks { try connection.chunk(chunk) }
            try connection.endChunks()
        }
        try await withDirectory { directory in
            let cassette = directory + "/tapes"
            try await RecordReplayTests.record(upstream, cassette) { server async throws in
                for number in streams.indices {
                    let response = try await fetch(Self.request(number), port: server.port)
                    #expect(response.body == streams[number].answer.body, "\(streams[number].file), seed \(seed)")
                }
            }
            upstream.stop()
            let tapes = try Cassette.load(directory: cassette).items
            #expect(tapes.count == streams.count)
            for item in tapes {
                let number = try #require(item.tape.request.path.split(separator: "/").last.flatMap { Int($0) })
                #expect(item.tape.body == streams[number].answer.body, "\(streams[number].file), seed \(seed)")
                #expect(item.tape.encoded == contents(of: "\(cassette)/\(item.name)"), "\(streams[number].file)")
            }
            try await RecordReplayTests.replay(cassette, speed: 0) { server async throws in
                for number in streams.indices {
                    let response = try await fetch(Self.request(number), port: server.port)
                    #expect(response.body == streams[number].answer.body, "\(streams[number].file), seed \(seed)")
                    #expect(response.value("content-type") == streams[number].answer.contentType)
                }
            }
        }
    }

    private static func request(_ number: Int) -> RawRequest { .post("/v1/any/\(number)", Chat.body()) }
}
