import Dialects
import Tapes
import TestSupport
import Testing

@testable import TapeTools

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Real streams, where TOKENCAST_CORPUS names them.
@Suite("Tapes of recorded streams")
struct CorpusTests {
    struct Recording: Sendable, CustomTestStringConvertible {
        var file: String
        var contentType: String
        var format: String
        var testDescription: String { file }
    }

    private static let folder = getenv("TOKENCAST_CORPUS").map { String(cString: $0) + "/streams" }

    static let all: [Recording] = {
        guard let folder, let index = try? JSONValue(parsing: contents(of: "\(folder)/index.json"), options: .lenient)
        else { return [] }
        return (index["streams"]?.array ?? []).compactMap { entry in
            guard let file = entry["file"]?.string else { return nil }
            return Recording(
                file: file,
                contentType: entry["content_type"]?.string ?? "text/event-stream",
                format: entry["wire_format"]?.string ?? ""
            )
        }
    }()

    private static func tape(_ recording: Recording, seed: UInt64) -> Tape {
        var random = SplitMix64(seed: seed)
        var rest = contents(of: "\(folder ?? "")/\(recording.file)")[...]
        var entries: [Tape.Entry] = []
        var offset: Int64 = 1000
        while !rest.isEmpty {
            let size = [1, 2, 7, 60, 900, 9000].randomElement(using: &random) ?? 1
            entries.append(
                Tape.Entry(offset: offset, .chunk(Array(rest.prefix(Int.random(in: 1...size, using: &random)))))
            )
            if case .chunk(let bytes) = entries[entries.count - 1].content { rest = rest.dropFirst(bytes.count) }
            offset += Int64.random(in: 0...40_000, using: &random)
        }
        let path = recording.format == "openai.chat.sse" ? "/v1/chat/completions" : "/v1/other"
        return Tape(
            header: Tape.Header(created: "2026-01-02T03:04:05Z", tool: "tokencast/test"),
            request: TapeRequest(
                method: "POST",
                path: path,
                body: .json(.object([("model", .string("m")), ("stream", .bool(true))]))
            ),
            response: Tape.Response(
                offset: 900,
                status: 200,
                headers: [TapeField("content-type", recording.contentType)]
            ),
            entries: entries,
            end: TapeEnd(offset: offset, reason: .eof)
        )
    }

    @Test(
        "are read back byte for byte, and every tool takes them",
        .enabled(if: !all.isEmpty, "TOKENCAST_CORPUS isn't set"),
        arguments: all
    )
    func roundTrip(_ recording: Recording) throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        let tape = Self.tape(recording, seed: seed)
        let encoded = tape.encoded
        let read = try TapeReader.read(encoded, name: "seed \(seed)")
        #expect(read.chunks == tape.chunks, "seed \(seed)")
        #expect(read.body == contents(of: "\(Self.folder ?? "")/\(recording.file)"), "seed \(seed)")
        #expect(read.encoded == encoded, "seed \(seed)")

        let other = try Self.tape(recording, seed: seed &+ 1).reread()
        for text in [
            TapePage(read).text(), EventLines(read).text(), TextConversion(read).text,
            TimingPlot(Arrivals(read)).text(),
            TapeDifference(read, other, isExact: true).text(),
        ] { #expect(isHarmless(text), "seed \(seed)") }
        #expect(TextConversion(other).text == TextConversion(read).text, "seed \(seed)")
        let difference = TapeDifference(read, other)
        #expect(difference.isSame, "seed \(seed): \(difference.text())")
        for line in EventLines(read).json.split(separator: UInt8(ascii: "\n")) {
            #expect(throws: Never.self) { try JSONValue(parsing: Array(line), options: .lenient) }
        }
        // Its end line says nothing yet; told to, a repair says what the chunks do.
        let repair = try TapeRepair(encoded, name: "seed \(seed)", refolding: true)
        let refolded = try TapeReader.read(repair.bytes, name: "seed \(seed)")
        let end = try #require(refolded.end)
        #expect(FoldCheck(refolded, end).differences.isEmpty, "seed \(seed)")
    }
}
