extension Timestamp {
    /// Seconds since 1970 of a time in any form of RFC 3339, section 5.6: with a fraction, which is dropped, and any
    /// offset; nil where it is none.
    package static func seconds(rfc3339 text: String) -> Int? {
        var bytes = Array(text.utf8)
        guard bytes.count >= 20 else { return nil }
        if bytes[10] == UInt8(ascii: "t") { bytes[10] = UInt8(ascii: "T") }
        let base = String(decoding: bytes[..<19], as: UTF8.self) + "Z"
        guard let seconds = secondsSince1970(base) else { return nil }
        var rest = bytes[19...]
        if rest.first == UInt8(ascii: ".") {
            let digits = rest.dropFirst().prefix { isDigit($0) }
            guard !digits.isEmpty else { return nil }
            rest = rest.dropFirst(1 + digits.count)
        }
        if rest.count == 1, let letter = rest.first, letter | 0x20 == UInt8(ascii: "z") { return seconds }
        return offset(Array(rest)).map { seconds - $0 }
    }

    /// The seconds of `+02:00`.
    private static func offset(_ bytes: [UInt8]) -> Int? {
        guard bytes.count == 6, bytes[3] == UInt8(ascii: ":"), [1, 2, 4, 5].allSatisfy({ isDigit(bytes[$0]) }) else {
            return nil
        }
        func number(_ at: Int) -> Int { Int(bytes[at] - 48) * 10 + Int(bytes[at + 1] - 48) }
        guard number(1) < 24, number(4) < 60 else { return nil }
        let seconds = number(1) * 3600 + number(4) * 60
        switch bytes[0] {
        case UInt8(ascii: "+"): return seconds
        case UInt8(ascii: "-"): return -seconds
        default: return nil
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }
}
