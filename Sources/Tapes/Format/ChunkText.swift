/// A chunk's bytes as a line of text can hold them: the UTF-8 in the middle, and at both ends the bytes of characters
/// that the chunk's borders cut in two.
///
/// It looks at one chunk alone, so any line can be read without its neighbours, and any bytes come back as they were.
struct ChunkText {
    var head: ArraySlice<UInt8>
    var text: ArraySlice<UInt8>
    var tail: ArraySlice<UInt8>

    /// Cuts a chunk; nil where what is left in the middle isn't UTF-8.
    init?(_ bytes: [UInt8]) {
        let start = bytes.prefix(3).prefix(while: Self.isContinuation).count
        let end = bytes.count - Self.cutTail(bytes[start...])
        let text = bytes[start..<end]
        let isText = bytes.withUnsafeBufferPointer { buffer in
            (try? UTF8Span(validating: buffer.span.extracting(start..<end))) != nil
        }
        guard isText else { return nil }
        self.head = bytes[..<start]
        self.text = text
        self.tail = bytes[end...]
    }

    private static func isContinuation(_ byte: UInt8) -> Bool { byte & 0xC0 == 0x80 }

    /// How many bytes at the end begin a character that doesn't end here.
    private static func cutTail(_ bytes: ArraySlice<UInt8>) -> Int {
        for (index, byte) in bytes.suffix(3).reversed().enumerated() where !isContinuation(byte) {
            let length =
                switch byte {
                case 0xC2...0xDF: 2
                case 0xE0...0xEF: 3
                case 0xF0...0xF4: 4
                default: 1
                }
            return index + 1 < length ? index + 1 : 0
        }
        return 0
    }
}
