/// Reads the escapes of JSON strings byte by byte, so that they may be cut anywhere.
struct JSONEscapeReader: Sendable {
    /// The characters that an escape came to, each in UTF-8 with its source.
    typealias Output = [(byte: UInt8, source: SourceByte)]

    private var start = 0
    private var length = 0
    private var unit: UInt32 = 0
    /// The first half of a pair, whose second may follow.
    private var high: (unit: UInt32, position: Int)?

    /// Where the escape stands that isn't over.
    var firstPosition: Int? { high?.position ?? (length > 0 ? start : nil) }

    /// Whether a half pair waits for what comes next.
    var hasHalf: Bool { high != nil }

    /// Takes the backslash.
    mutating func begin(at position: Int) {
        start = position
        length = 1
        unit = 0
    }

    /// Takes the next byte; nil where the escape goes on.
    ///
    /// - Parameter isTaken: false where the byte turns out not to belong to it, and must be read as what it is.
    mutating func take(_ byte: UInt8, isTaken: inout Bool) -> Output? {
        length += 1
        let source = SourceByte(position: start, length: length)
        if length == 2 {
            if byte == UInt8(ascii: "u") { return nil }
            length = 0
            return half() + [(Self.plain(byte), source)]
        }
        guard let digit = Self.hexValue(byte) else {
            // No escape after all.
            isTaken = false
            length = 0
            return half() + [(0, SourceByte(position: start, length: 0))]
        }
        unit = unit << 4 | UInt32(digit)
        guard length == 6 else { return nil }
        length = 0
        if let first = high, (0xDC00..<0xE000).contains(unit) {
            high = nil
            let code = 0x10000 + (first.unit - 0xD800) << 10 + (unit - 0xDC00)
            let bytes = Array(String(Unicode.Scalar(code) ?? "\u{FFFD}").utf8)
            // Half of the bytes stand for either escape, so that a mask takes both.
            let halves = [SourceByte(position: first.position, length: 6), source]
            return bytes.enumerated().map { ($1, halves[$0 < 2 ? 0 : 1]) }
        }
        let before = half()
        if (0xD800..<0xDC00).contains(unit) {
            high = (unit, start)
            return before
        }
        return before + String(Unicode.Scalar(unit) ?? "\u{FFFD}").utf8.map { ($0, source) }
    }

    /// Takes note that no second half follows.
    mutating func half() -> Output {
        guard let first = high else { return [] }
        high = nil
        return "\u{FFFD}".utf8.map { ($0, SourceByte(position: first.position, length: 6)) }
    }

    mutating func reset() {
        length = 0
        high = nil
    }

    /// What an escape of two characters stands for; nil where the second doesn't make one.
    static func short(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            plain(byte)
        default: nil
        }
    }

    private static func plain(_ byte: UInt8) -> UInt8 {
        switch byte {
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "f"): 0x0C
        case UInt8(ascii: "n"): 0x0A
        case UInt8(ascii: "r"): 0x0D
        case UInt8(ascii: "t"): 0x09
        default: byte
        }
    }

    private static func hexValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
