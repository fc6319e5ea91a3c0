/// Base64 with the standard alphabet and padding (RFC 4648, section 4).
package enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 0xFF, count: 256)
        for (value, letter) in alphabet.enumerated() { values[Int(letter)] = UInt8(value) }
        return values
    }()

    package static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let count = min(3, bytes.count - start)
            var group: UInt32 = 0
            for offset in 0..<3 { group = group << 8 | (offset < count ? UInt32(bytes[start + offset]) : 0) }
            for letter in 0..<4 {
                let value = Int(group >> (18 - 6 * UInt32(letter)) & 63)
                text.append(letter <= count ? alphabet[value] : UInt8(ascii: "="))
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Reads base64; nil where it isn't. Line breaks, missing padding and stray bits in the last group are refused.
    package static func decode(_ text: String) -> [UInt8]? {
        decode(text.utf8.span.bytes)
    }

    /// Reads base64 from its letters, into memory that is asked for once.
    package static func decode(_ letters: RawSpan) -> [UInt8]? {
        let count = letters.byteCount
        guard count % 4 == 0 else { return nil }
        var padding = 0
        while padding < 2, count > padding, letters.byte(at: count - 1 - padding) == UInt8(ascii: "=") { padding += 1 }
        let bytes = [UInt8](unsafeUninitializedCapacity: count / 4 * 3) { bytes, written in
            written = decode(letters, padding: padding, into: bytes)
        }
        return bytes.count == count / 4 * 3 - padding ? bytes : nil
    }

    /// - Returns: how many bytes were written: all, or fewer where a group isn't base64.
    private static func decode(_ letters: RawSpan, padding: Int, into bytes: UnsafeMutableBufferPointer<UInt8>) -> Int {
        values.withUnsafeBufferPointer { values in
            var written = 0
            let whole = letters.byteCount - (padding == 0 ? 0 : 4)
            for offset in stride(from: 0, to: whole, by: 4) {
                let word = letters.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self).littleEndian
                // A value of 255 isn't a letter's: it has all bits set, and shows in the sum of four.
                let (a, b) = (values[Int(word & 0xFF)], values[Int(word >> 8 & 0xFF)])
                let (c, d) = (values[Int(word >> 16 & 0xFF)], values[Int(word >> 24)])
                guard a | b | c | d < 64 else { return written }
                bytes[written] = a << 2 | b >> 4
                bytes[written + 1] = b << 4 | c >> 2
                bytes[written + 2] = c << 6 | d
                written += 3
            }
            guard padding > 0 else { return written }
            let (a, b) = (values[Int(letters.byte(at: whole))], values[Int(letters.byte(at: whole + 1))])
            let c = padding == 1 ? values[Int(letters.byte(at: whole + 2))] : 0
            // Bits that stand for no byte are none.
            guard a | b | c < 64, padding == 1 ? c & 3 == 0 : b & 15 == 0 else { return written }
            bytes[written] = a << 2 | b >> 4
            if padding == 1 { bytes[written + 1] = b << 4 | c >> 2 }
            return written + 3 - padding
        }
    }
}
