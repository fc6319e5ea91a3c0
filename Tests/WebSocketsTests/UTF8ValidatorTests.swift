import Testing

@testable import WebSockets

@Suite struct UTF8ValidatorTests {
    private func isValid(_ bytes: [UInt8], cut: Int? = nil) -> Bool {
        var validator = UTF8Validator()
        let cut = cut ?? bytes.count
        for piece in [Array(bytes[..<cut]), Array(bytes[cut...])] {
            guard validator.add(piece.span.bytes) else { return false }
        }
        return validator.isAtBoundary
    }

    @Test("Every sequence of up to three bytes is judged as the standard library judges it")
    func shortSequences() {
        // The bytes at the edges of every class.
        let edges: [UInt8] = [
            0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED, 0xEE, 0xEF,
            0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF,
        ]
        for first in edges {
            for second in edges {
                for third in edges {
                    for fourth in [0x41, 0x80, 0xBF, 0xC0] as [UInt8] {
                        let bytes = [first, second, third, fourth]
                        for length in 1...4 {
                            let part = Array(bytes.prefix(length))
                            let expected = String(validating: part, as: UTF8.self) != nil
                            if isValid(part) != expected { Issue.record("\(part): \(expected)") }
                        }
                    }
                }
            }
        }
    }

    @Test("A fault is found wherever it stands in long text, and however that is cut", arguments: 0..<40)
    func longText(position: Int) {
        var bytes = Array(String(repeating: "a", count: 40).utf8)
        #expect(isValid(bytes, cut: position))
        bytes[position] = 0xFF
        #expect(!isValid(bytes))
        for cut in 0...bytes.count { #expect(!isValid(bytes, cut: cut)) }
        bytes.replaceSubrange(position...position, with: Array("\u{1F600}".utf8))
        for cut in 0...bytes.count { #expect(isValid(bytes, cut: cut)) }
    }
}
