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
        let whole = (count - (padding == 0 ? 0 : 4)) / 4
        return values.withUnsafeBufferPointer { values -> [UInt8]? in
            var bytes: [UInt8] = []
            bytes.reserveCapacity(count / 4 * 3)
            // What is no letter has all bits set, and shows in the sum of four.
            func group(at offset: Int, _ places: Int) -> UInt32? {
                var group: UInt32 = 0
                var seen: UInt8 = 0
                for place in 0..<4 {
                    let value = place < places ? values[Int(letters.byte(at: offset + place))] : 0
                    seen |= value
                    group = group << 6 | UInt32(value & 63)
                }
                return seen & 0xC0 == 0 ? group : nil
            }
            for index in 0..<whole {
                guard let group = group(at: index * 4, 4) else { return nil }
                bytes.append(UInt8(truncatingIfNeeded: group >> 16))
                bytes.append(UInt8(truncatingIfNeeded: group >> 8))
                bytes.append(UInt8(truncatingIfNeeded: group))
            }
            guard padding > 0 else { return bytes }
            guard let last = group(at: whole * 4, 4 - padding), last & (padding == 1 ? 0xFF : 0xFFFF) == 0 else {
                return nil
            }
            bytes.append(UInt8(truncatingIfNeeded: last >> 16))
            if padding == 1 { bytes.append(UInt8(truncatingIfNeeded: last >> 8)) }
            return bytes
        }
    }
}
