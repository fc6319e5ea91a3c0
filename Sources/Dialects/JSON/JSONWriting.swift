/// JSON text appended to bytes: what the views and the error frames are written with.
///
/// There is no tree to build first: the caller writes braces and commas itself, and the values with these.
extension [UInt8] {
    /// Appends text as it is, as UTF-8: punctuation and keys that are known to need no escaping.
    @inlinable
    public mutating func append(verbatim text: StaticString) {
        append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Appends a JSON string, quoted and escaped (RFC 8259, section 7).
    public mutating func appendJSON(string: String) {
        appendJSON(string: string.utf8.span.bytes)
    }

    /// Appends a JSON string, or `null` for nil.
    public mutating func appendJSON(string: String?) {
        if let string { appendJSON(string: string) } else { append(verbatim: "null") }
    }

    /// Appends bytes that hold UTF-8 text as a JSON string, quoted and escaped.
    ///
    /// Bytes that aren't UTF-8 are passed on as they are.
    public mutating func appendJSON(string bytes: RawSpan) {
        append(UInt8(ascii: "\""))
        var plain = 0
        for index in bytes.byteOffsets {
            let byte = bytes.byte(at: index)
            guard byte.needsJSONEscape else { continue }
            append(bytes, plain..<index)
            appendJSON(escaped: byte)
            plain = index + 1
        }
        // The common text needs no escape and goes over in one piece.
        append(bytes, plain..<bytes.byteCount)
        append(UInt8(ascii: "\""))
    }

    /// Appends a whole number.
    public mutating func appendJSON(integer: Int) {
        if integer >= 0, integer < 10 {
            append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: integer))
        } else {
            append(contentsOf: String(integer).utf8)
        }
    }

    /// Appends a whole number, or `null` for nil.
    public mutating func appendJSON(integer: Int?) {
        if let integer { appendJSON(integer: integer) } else { append(verbatim: "null") }
    }

    /// Appends `true` or `false`.
    public mutating func appendJSON(bool: Bool) {
        append(verbatim: bool ? "true" : "false")
    }

    /// Appends an array of what `write` appends for each element.
    package mutating func appendJSON<S: Sequence>(array: S, _ write: (S.Element, inout [UInt8]) -> Void) {
        append(UInt8(ascii: "["))
        var isFirst = true
        for element in array {
            if !isFirst { append(UInt8(ascii: ",")) }
            isFirst = false
            write(element, &self)
        }
        append(UInt8(ascii: "]"))
    }

    mutating func append(_ bytes: RawSpan, _ range: Range<Int>) {
        guard !range.isEmpty else { return }
        bytes.extracting(range).withUnsafeBytes { append(contentsOf: $0) }
    }

    private mutating func appendJSON(escaped byte: UInt8) {
        append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): append(byte)
        case UInt8(ascii: "\n"): append(UInt8(ascii: "n"))
        case UInt8(ascii: "\r"): append(UInt8(ascii: "r"))
        case UInt8(ascii: "\t"): append(UInt8(ascii: "t"))
        default:
            append(verbatim: "u00")
            append(hexDigit(byte >> 4))
            append(hexDigit(byte & 0xF))
        }
    }
}

private func hexDigit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
}

extension UInt8 {
    fileprivate var needsJSONEscape: Bool {
        self < 0x20 || self == UInt8(ascii: "\"") || self == UInt8(ascii: "\\")
    }
}
