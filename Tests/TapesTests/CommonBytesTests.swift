import Testing

@testable import Tapes

@Suite("Bytes that two texts have in common")
struct CommonBytesTests {
    @Test("are counted from both ends, wherever the one that differs stands, and however long the texts are")
    func differing() {
        for length in 0...80 {
            let text = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 37) }
            for start in [0, 3] {
                let other = [UInt8](repeating: 0xFF, count: start) + text
                #expect(text.span.bytes.commonPrefix(from: 0, other.span.bytes, from: start) == length)
                #expect(other.span.bytes.commonSuffix(text.span.bytes, upTo: 100) == length)
                for place in 0..<length {
                    var changed = other
                    changed[start + place] ^= 0x80
                    #expect(text.span.bytes.commonPrefix(from: 0, changed.span.bytes, from: start) == place)
                    #expect(text.span.bytes.commonSuffix(changed.span.bytes, upTo: 100) == length - place - 1)
                    #expect(text.span.bytes.commonSuffix(text.span.bytes, upTo: place) == place)
                }
            }
        }
    }
}
