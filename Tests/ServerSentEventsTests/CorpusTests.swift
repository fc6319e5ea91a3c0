import Foundation
import ServerSentEvents
import Testing

/// The cases of other projects' test suites. They aren't part of this repository: `TOKENCAST_CORPUS` names the folder
/// that holds `sse_cases.json`, and without it there is nothing to run here.
@Suite(.enabled(if: Case.folder != nil, "TOKENCAST_CORPUS is not set"))
struct CorpusTests {
    @Test("Every case gives its expected events, whole and in its source's own chunks", arguments: Case.all)
    func whole(_ item: Case) throws {
        try expect(item, [item.input])
        if let chunks = item.chunks { try expect(item, chunks) }
    }

    @Test("Every case gives the same fed one byte at a time", arguments: Case.all)
    func bytewise(_ item: Case) throws {
        try expect(item, item.input.singleBytes)
    }

    @Test("Every case gives the same cut in two at every byte", arguments: Case.all)
    func cut(_ item: Case) throws {
        let bytes = item.input.span.bytes
        // A parser is a value: what leads up to a window is parsed once, and each cut costs no more than its window.
        for start in stride(from: 0, to: bytes.byteCount, by: 512) {
            let window = start..<min(start + 1024, bytes.byteCount)
            var ahead = EventStreamParser()
            var ignored = Digest()
            try ahead.parse(bytes.extracting(0..<start), into: &ignored)
            let whole = try digest(ahead, bytes, window, cutAt: start)
            for index in window.prefix(512) where try digest(ahead, bytes, window, cutAt: index) != whole {
                Issue.record("cut at byte \(index)")
                return
            }
        }
    }

    /// What a parser makes of a window that is cut in two, and of its end there.
    private func digest(
        _ ahead: EventStreamParser,
        _ bytes: RawSpan,
        _ window: Range<Int>,
        cutAt index: Int
    ) throws -> Digest {
        var parser = ahead
        var digest = Digest()
        try parser.parse(bytes.extracting(window.lowerBound..<index), into: &digest)
        try parser.parse(bytes.extracting(index..<window.upperBound), into: &digest)
        try parser.finish(flushingInto: &digest)
        return digest
    }

    private func expect(_ item: Case, _ chunks: [[UInt8]]) throws {
        var (recorder, parser) = try Recorder.parse(chunks)
        parser.finish()
        #expect(recorder.events == item.events)
        #expect(recorder.comments == item.comments)
        #expect(recorder.retries == item.retries)
        #expect(String(decoding: parser.lastEventID, as: UTF8.self) == item.lastEventID)
    }
}

/// One case of the corpus.
struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var input: [UInt8]
    var chunks: [[UInt8]]?
    var events: [Recorder.Event]
    var comments: [String]
    var retries: [Int]
    var lastEventID: String

    static let folder = ProcessInfo.processInfo.environment["TOKENCAST_CORPUS"]

    static let all: [Case] = load()

    private static func load() -> [Case] {
        guard let folder,
            let data = FileManager.default.contents(atPath: folder + "/sse_cases.json"),
            let rows = try? JSONDecoder().decode([Row].self, from: data)
        else { return [] }
        return rows.enumerated().map { Case($1, number: $0) }
    }

    private init(_ row: Row, number: Int) {
        testDescription = "\(number): \(row.source): \(row.name)"
        input = Array(row.input_b64)
        chunks = row.chunks_b64?.map { Array($0) }
        events = row.expected.map { Recorder.Event(name: $0.event ?? "", data: $0.data, id: $0.id ?? "") }
        comments = row.final.comments
        // A number that doesn't fit was seen, but nobody can wait that long: it isn't reported.
        retries = row.final.retry_values_seen.compactMap { Int($0) }
        lastEventID = row.final.last_event_id
    }

    private struct Row: Decodable {
        struct Event: Decodable {
            var event: String?
            var data: String
            var id: String?
        }

        struct Final: Decodable {
            var last_event_id: String
            var retry_values_seen: [String]
            var comments: [String]
        }

        var source: String
        var name: String
        var input_b64: Data
        var chunks_b64: [Data]?
        var expected: [Event]
        var final: Final
    }
}
