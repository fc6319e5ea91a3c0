/// What stands between the quotes of a JSON string (RFC 8259, section 7).
extension RawSpan {
    /// Where the next quote or backslash stands in a range, or the range's end.
    @inline(__always)
    package func quoteOrBackslash(from start: Int, to end: Int) -> Int {
        backslash(orFlipped: UInt8(ascii: "\""), below: 1, from: start, to: end)
    }

    /// Where the next byte stands that can't be passed over in a string, or the range's end: a quote, a backslash, or a
    /// control character, which must be escaped.
    @inline(__always)
    package func endOfPlainText(from start: Int, to end: Int) -> Int {
        // With this bit flipped a quote is 0x20, and a control character is another one: one comparison finds both.
        backslash(orFlipped: 0x02, below: 0x21, from: start, to: end)
    }

    /// Where the next backslash stands in a range, or the next byte that is less than `bound` once its bits in `flip` are
    /// flipped, or the range's end.
    ///
    /// Eight bytes at a time: subtracting the bound from each byte borrows into the high bit of the first that is less,
    /// and bytes whose high bit was set before don't count. A borrow may mark later bytes wrongly, never an earlier one.
    /// A backslash is found as the byte that is less than 1 once it is flipped with another. Neither `flip` nor the bound
    /// has the high bit.
    @inline(__always)
    private func backslash(orFlipped flip: UInt8, below bound: UInt8, from start: Int, to end: Int) -> Int {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let highs: UInt64 = 0x8080_8080_8080_8080
        var offset = start
        while offset + 8 <= end {
            let word = UInt64(littleEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
            let flipped = word ^ (ones &* UInt64(flip))
            let backslashes = word ^ (ones &* UInt64(UInt8(ascii: "\\")))
            let found = ((flipped &- ones &* UInt64(bound)) | (backslashes &- ones)) & ~word & highs
            if found != 0 { return offset + found.trailingZeroBitCount / 8 }
            offset += 8
        }
        while offset < end {
            let byte = self.byte(at: offset)
            if byte ^ flip < bound || byte == UInt8(ascii: "\\") { return offset }
            offset += 1
        }
        return end
    }

    /// Where the escape that starts at `offset` ends, or nil if none does.
    func jsonEscapeEnd(at offset: Int, to end: Int) -> Int? {
        guard offset + 1 < end, byte(at: offset) == UInt8(ascii: "\\") else { return nil }
        switch byte(at: offset + 1) {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return offset + 2
        case UInt8(ascii: "u"):
            return hexQuad(at: offset + 2, to: end) == nil ? nil : offset + 6
        default:
            return nil
        }
    }

    /// Appends the character that an escape stands for. Escapes have been checked when the string was read.
    ///
    /// - Returns: where it ends; a surrogate pair is two escapes.
    func appendJSONEscape(at offset: Int, to end: Int, _ text: inout [UInt8]) -> Int {
        guard offset + 1 < end else { return end }
        let kind = byte(at: offset + 1)
        switch kind {
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"): return appendCodePoint(at: offset, to: end, &text)
        default: text.append(kind)
        }
        return offset + 2
    }

    private func appendCodePoint(at offset: Int, to end: Int, _ text: inout [UInt8]) -> Int {
        guard let unit = hexQuad(at: offset + 2, to: end) else { return end }
        var code = unit
        var next = offset + 6
        if (0xD800..<0xDC00).contains(unit), next + 1 < end, byte(at: next) == UInt8(ascii: "\\"),
            byte(at: next + 1) == UInt8(ascii: "u"), let low = hexQuad(at: next + 2, to: end),
            (0xDC00..<0xE000).contains(low)
        {
            code = 0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00)
            next += 6
        }
        // Half a pair is no scalar value: it becomes the replacement character.
        text.append(contentsOf: Character(Unicode.Scalar(code) ?? "\u{FFFD}").utf8)
        return next
    }

    private func hexQuad(at offset: Int, to end: Int) -> UInt32? {
        guard offset + 4 <= end else { return nil }
        var value: UInt32 = 0
        for index in offset..<offset + 4 {
            let byte = self.byte(at: index)
            switch byte {
            case 0x30...0x39: value = value << 4 | UInt32(byte - 0x30)
            case 0x41...0x46: value = value << 4 | UInt32(byte - 0x37)
            case 0x61...0x66: value = value << 4 | UInt32(byte - 0x57)
            default: return nil
            }
        }
        return value
    }
}
