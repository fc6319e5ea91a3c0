/// A chunk's bytes as a line of text can hold them: the UTF-8 in the middle, and at both ends the bytes of characters
/// that the chunk's borders cut in two.
///
/// It looks at one chunk alone, so any line can be read without its neighbours, and any bytes come back as they were.
struct ChunkText {
    /// What is text; before it and behind it are the bytes of cut characters.
    var text: Range<Int>

    /// Cuts a chunk; nil where what is left in the middle isn't UTF-8.
    init?(_ bytes: Span<UInt8>) {
        var start = 0
        while start < min(3, bytes.count), Self.isContinuation(bytes[start]) { start += 1 }
        text = start..<bytes.count - Self.cutTail(bytes.extracting(start...))
        guard (try? UTF8Span(validating: bytes.extracting(text))) != nil else { return nil }
    }

    static func isContinuation(_ byte: UInt8) -> Bool { byte & 0xC0 == 0x80 }

    /// How many bytes at the end begin a character that doesn't end here.
    private static func cutTail(_ bytes: Span<UInt8>) -> Int {
        for count in 1..<4 where count <= bytes.count {
            let byte = bytes[bytes.count - count]
            if isContinuation(byte) { continue }
            let length =
                switch byte {
                case 0xC2...0xDF: 2
                case 0xE0...0xEF: 3
                case 0xF0...0xF4: 4
                default: 1
                }
            return count < length ? count : 0
        }
        return 0
    }
}
