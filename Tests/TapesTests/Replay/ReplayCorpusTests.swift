import Dialects
import Testing

@testable import Tapes

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

private let corpusFolder = getenv("TOKENCAST_CORPUS").map { String(cString: $0) + "/streams/" }

/// Recorded streams of providers: `TOKENCAST_CORPUS` names the folder with `streams/index.json`.
@Suite("A provider's stream", .enabled(if: corpusFolder != nil, "TOKENCAST_CORPUS is not set"))
struct ReplayCorpusTests {
    /// Each with what its collection knows of it.
    private static func streams() throws -> [(name: String, body: [UInt8], type: String?, entry: JSONValue)] {
        guard let folder = corpusFolder else { return [] }
        let index = try JSONValue(parsing: try read(folder + "index.json"))
        return try (index["streams"]?.array ?? []).map { entry in
            let name = entry["file"]?.string ?? ""
            return (name, try read(folder + name), entry["content_type"]?.string, entry)
        }
    }

    @Test("keeps its bytes in every mode, from any chunks")
    func bytes() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SplitMix64(seed: seed)
        let streams = try Self.streams()
        #expect(!streams.isEmpty)
        for stream in streams {
            var chunks: [(Int64, [UInt8])] = []
            var start = 0
            while start < stream.body.count {
                let size = min(stream.body.count - start, Int.random(in: 1...4096, using: &random))
                chunks.append((Int64(chunks.count) * 7, Array(stream.body[start..<start + size])))
                start += size
            }
            let tape = tape(chunks, type: stream.type)
            let modes: [Rechunk] = [
                .recorded, .event, .line, .byte, .size(1000), .utf8Split, .crlfSplit, .coalesce,
                .random(seed: random.next()),
            ]
            for mode in modes {
                let body = ReplayPlan(tape, ReplayOptions(speed: 0, rechunk: mode)).reduce(into: [UInt8]()) {
                    body,
                    step in
                    if case .chunk(let bytes) = step.action { body += bytes }
                }
                #expect(body == stream.body, "\(stream.name), \(mode), seed \(seed)")
            }
        }
    }

    @Test("has as many events as others counted in it")
    func events() throws {
        var checked = 0
        for stream in try Self.streams() {
            guard let count = stream.entry["framing"]?["sse_events"]?.int, stream.type?.contains("event-stream") == true
            else { continue }
            let frames = BodyFrames(body: stream.body, framing: .serverSentEvents)
            let isTailCounted = stream.entry["framing"]?["unterminated_tail"]?.bool != true
            let events = frames.count { $0.isEvent && ($0.isWhole || isTailCounted) }
            #expect(events == count, "\(stream.name)")
            checked += 1
        }
        #expect(checked > 0)
    }
}
