import Dialects
import Testing

@testable import Tapes

@Suite("The line of a chunk")
struct ChunkLineTests {
    private static let parts = [
        "data: {\"a\":\"", "\"}\n\n", "\u{E9}", "\u{1F980}", "\u{4E2D}\u{6587}", "Hello", " ", "\\", "\"", "\u{1}",
        "\u{7F}",
        "x", "0123456789abcdef0123456789abcdef",
    ]

    /// Written with none before it, by which it could be told what to copy.
    private func alone(_ bytes: [UInt8], offset: Int64) -> [UInt8] {
        var encoder = TapeEncoder()
        encoder.chunk(offset: offset, bytes)
        return encoder.take()
    }

    private func line(_ offset: Int64, _ text: String) -> [UInt8] {
        JSONValue.array([.string("c"), .integer(offset), .string(text)]).jsonBytes + [UInt8(ascii: "\n")]
    }

    @Test("is the same whatever chunks came before")
    func template() {
        for seed in 0..<200 as Range<UInt64> {
            var generator = SplitMix64(seed: seed)
            var encoder = TapeEncoder()
            var parts = (0..<12).map { _ in Self.parts[Int(generator.next() % UInt64(Self.parts.count))] }
            for number in 0..<40 as Range<Int64> {
                // One part in the middle changes, as a rule.
                let place = Int(generator.next() % 12)
                parts[place] = Self.parts[Int(generator.next() % UInt64(Self.parts.count))]
                let text = parts.joined()
                encoder.chunk(offset: number * 1000, Array(text.utf8))
                #expect(encoder.take() == line(number * 1000, text), "seed \(seed)")
            }
        }
    }

    @Test("is the same for chunks whose borders cut characters, and for those that are no text")
    func cuts() {
        let text = Array(
            "data: {\"t\":\"\u{E9}\u{1F980}\u{4E2D}\"}\n\ndata: {\"t\":\"\u{E8}\u{1F981}\u{4E2E}\"}\n\n".utf8
        )
        for length in 1...30 {
            var encoder = TapeEncoder()
            var generator = SplitMix64(seed: UInt64(length))
            for number in 0..<60 as Range<Int64> {
                let start = Int(generator.next() % UInt64(text.count - length))
                var chunk = Array(text[start..<start + length])
                if generator.next() % 8 == 0 { chunk[length / 2] = UInt8(truncatingIfNeeded: generator.next()) }
                encoder.chunk(offset: number, chunk)
                #expect(encoder.take() == alone(chunk, offset: number))
            }
        }
    }

    @Test("is read back as what was written, whatever the bytes")
    func roundTrip() throws {
        var generator = SplitMix64(seed: 1)
        let chunks = (0..<300).map { number -> [UInt8] in
            let alphabet: UInt64 = number % 3 == 0 ? 256 : 128
            return (0..<Int(generator.next() % 70)).map { _ in UInt8(truncatingIfNeeded: generator.next() % alphabet) }
        }
        let tape = try TapeReader.read(makeTape(chunks: chunks).encoded, name: "t")
        #expect(tape.body == chunks.flatMap(\.self))
        let read = tape.entries.compactMap { if case .chunk(let bytes) = $0.content { bytes } else { nil } }
        #expect(read == chunks)
    }

    @Test("escapes each byte at each place as the format says")
    func escapes() {
        for length in 1...20 {
            for place in 0..<length {
                for byte in 0..<128 as Range<UInt8> {
                    var text = [UInt8](repeating: UInt8(ascii: "a"), count: length)
                    text[place] = byte
                    var written: [UInt8] = []
                    JSONValue.writeString(text.span, into: &written)
                    let expected = text.map { Self.spelling($0) }.joined()
                    #expect(String(decoding: written, as: UTF8.self) == "\"\(expected)\"")
                }
            }
        }
    }

    private static func spelling(_ byte: UInt8) -> String {
        switch byte {
        case 0x22: "\\\""
        case 0x5C: "\\\\"
        case 0x08: "\\b"
        case 0x09: "\\t"
        case 0x0A: "\\n"
        case 0x0C: "\\f"
        case 0x0D: "\\r"
        case 0x7F, 0..<0x20: "\\u" + Hex.encode([0, byte])
        default: String(UnicodeScalar(byte))
        }
    }
}
