extension JSONScanner {
    /// Marks the text as malformed.
    mutating func fail<R>() -> R? {
        isValid = false
        return nil
    }

    @inline(__always)
    mutating func skipSpace(_ bytes: RawSpan) {
        while index < end {
            let byte = bytes.byte(at: index)
            guard byte <= 0x20, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return }
            index += 1
        }
    }

    /// Reads a key and its colon.
    @inline(__always)
    mutating func key(_ bytes: RawSpan) -> JSONSlice? {
        guard index < end, bytes.byte(at: index) == UInt8(ascii: "\"") else { return fail() }
        guard let key = string(bytes) else { return nil }
        skipSpace(bytes)
        guard index < end, bytes.byte(at: index) == UInt8(ascii: ":") else { return fail() }
        index += 1
        return key
    }

    /// Reads a string whose opening quote is next.
    @inline(__always)
    mutating func string(_ bytes: RawSpan) -> JSONSlice? {
        let next = bytes.endOfPlainText(from: index + 1, to: end)
        guard next < end, bytes.byte(at: next) == UInt8(ascii: "\"") else { return escapedString(bytes, from: next) }
        let start = index
        index = next + 1
        return JSONSlice(.string, start..<index)
    }

    /// Reads on in a string from its first byte that isn't plain text.
    private mutating func escapedString(_ bytes: RawSpan, from stop: Int) -> JSONSlice? {
        var offset = stop
        while offset < end {
            if bytes.byte(at: offset) == UInt8(ascii: "\"") {
                let start = index
                index = offset + 1
                return JSONSlice(.escapedString, start..<index)
            }
            guard let next = bytes.jsonEscapeEnd(at: offset, to: end) else { break }
            offset = bytes.endOfPlainText(from: next, to: end)
        }
        return fail()
    }

    /// Reads a number, `true`, `false` or `null`.
    mutating func scalar(_ byte: UInt8, _ bytes: RawSpan) -> JSONSlice? {
        switch byte {
        case UInt8(ascii: "t"): literal("true", .bool, bytes)
        case UInt8(ascii: "f"): literal("false", .bool, bytes)
        case UInt8(ascii: "n"): literal("null", .null, bytes)
        default: number(bytes)
        }
    }

    @inline(__always)
    private mutating func literal(_ text: StaticString, _ kind: JSONSlice.Kind, _ bytes: RawSpan) -> JSONSlice? {
        let start = index
        let next = start + text.utf8CodeUnitCount
        guard next <= end, bytes.equals(text, start..<next) else { return fail() }
        index = next
        return JSONSlice(kind, start..<next)
    }

    /// Reads a number (RFC 8259, section 6); its value is checked by who uses it.
    private mutating func number(_ bytes: RawSpan) -> JSONSlice? {
        let start = index
        if bytes.byte(at: index) == UInt8(ascii: "-") { index += 1 }
        let whole = index
        guard skipDigits(bytes) else { return fail() }
        // A leading zero stands alone.
        guard index - whole == 1 || bytes.byte(at: whole) != UInt8(ascii: "0") else { return fail() }
        if index < end, bytes.byte(at: index) == UInt8(ascii: ".") {
            index += 1
            guard skipDigits(bytes) else { return fail() }
        }
        if index < end, bytes.byte(at: index) | 0x20 == UInt8(ascii: "e") {
            index += 1
            if index < end, bytes.byte(at: index) == UInt8(ascii: "+") || bytes.byte(at: index) == UInt8(ascii: "-") {
                index += 1
            }
            guard skipDigits(bytes) else { return fail() }
        }
        return JSONSlice(.number, start..<index)
    }

    /// Passes over decimal digits; false where there is none.
    @inline(__always)
    private mutating func skipDigits(_ bytes: RawSpan) -> Bool {
        let start = index
        while index < end, bytes.byte(at: index).isDecimalDigit { index += 1 }
        return index > start
    }

    /// Passes over an object or an array, whose bracket is next.
    mutating func container(_ bracket: UInt8, _ bytes: RawSpan) -> JSONSlice? {
        let start = index
        // One bit for each open container, the innermost lowest: 1 for an object. Nothing recurses.
        var open: UInt64 = 0
        var depth = 0
        repeat {
            guard index < end else { return fail() }
            let byte = bytes.byte(at: index)
            if byte == UInt8(ascii: "\"") {
                guard string(bytes) != nil else { return nil }
            } else if byte | 0x20 == UInt8(ascii: "{") {
                // `[` and `{` differ in this one bit, and either is two less than the bracket that closes it.
                guard depth < Self.maximumDepth else { return fail() }
                index += 1
                skipSpace(bytes)
                guard index < end else { return fail() }
                if bytes.byte(at: index) == byte + 2 {
                    index += 1
                } else {
                    let isObject = byte == UInt8(ascii: "{")
                    open = open << 1 | (isObject ? 1 : 0)
                    depth += 1
                    if isObject { guard memberStart(bytes) else { return nil } }
                    continue
                }
            } else {
                guard scalar(byte, bytes) != nil else { return nil }
            }
            // A value is behind: what follows closes its containers, or leads to the next value.
            while depth > 0 {
                skipSpace(bytes)
                guard index < end else { return fail() }
                let byte = bytes.byte(at: index)
                index += 1
                if byte == UInt8(ascii: ",") {
                    skipSpace(bytes)
                    if open & 1 == 1 { guard memberStart(bytes) else { return nil } }
                    break
                }
                guard byte == (open & 1 == 1 ? UInt8(ascii: "}") : UInt8(ascii: "]")) else { return fail() }
                open >>= 1
                depth -= 1
            }
        } while depth > 0
        return JSONSlice(bracket == UInt8(ascii: "{") ? .object : .array, start..<index)
    }

    /// Reads a key and what is between it and its value.
    @inline(__always)
    private mutating func memberStart(_ bytes: RawSpan) -> Bool {
        guard key(bytes) != nil else { return false }
        skipSpace(bytes)
        return true
    }
}

extension UInt8 {
    @inline(__always)
    var isDecimalDigit: Bool { self &- 0x30 < 10 }
}
