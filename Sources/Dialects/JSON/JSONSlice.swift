/// Where a value stands within JSON text, and of what kind it is. The value itself is read when it is asked for.
///
/// Reading it takes the bytes that it was found in. Should they be others, what is read means nothing, or is nil; nothing
/// traps.
public struct JSONSlice: Sendable, Hashable {
    public enum Kind: UInt8, Sendable {
        /// There is no value: a member that wasn't found.
        case absent
        case null
        case bool
        case number
        case string
        /// A string with a backslash in it: its bytes aren't its text.
        case escapedString
        case object
        case array
    }

    // 32 bits each, because readers hold many of these; the scanner takes no text that is longer.
    private let first: UInt32
    private let last: UInt32
    public let kind: Kind

    /// No value.
    public static let absent = JSONSlice(.absent, 0..<0)

    init(_ kind: Kind, _ range: Range<Int>) {
        self.kind = kind
        first = UInt32(truncatingIfNeeded: range.lowerBound)
        last = UInt32(truncatingIfNeeded: range.upperBound)
    }

    private var start: Int { Int(first) }
    private var end: Int { Int(last) }

    /// The value as it is written, the quotes of a string included.
    public var range: Range<Int> { start..<end }

    /// Whether there is a value, and it isn't `null`.
    public var isPresent: Bool { kind != .absent && kind != .null }

    public var isString: Bool { kind == .string || kind == .escapedString }

    public func isTrue(in bytes: RawSpan) -> Bool { kind == .bool && bytes.equals("true", range) }

    /// Compares a string, or a key, with an ASCII literal, without allocating unless it is written with escapes.
    @inline(__always)
    public func equals(_ text: StaticString, in bytes: RawSpan) -> Bool {
        switch kind {
        case .string: bytes.equals(text, start + 1..<end - 1)
        case .escapedString: string(in: bytes)?.hasSameBytes(as: text.description) ?? false
        default: false
        }
    }

    /// The text of a string, or nil for another kind. What isn't UTF-8 becomes U+FFFD.
    @inline(__always)
    public func string(in bytes: RawSpan) -> String? {
        guard isString, end <= bytes.byteCount else { return nil }
        return kind == .string ? bytes.text(start + 1..<end - 1) : unescaped(in: bytes)
    }

    /// The text of a string that isn't empty.
    @inline(__always)
    public func nonEmptyString(in bytes: RawSpan) -> String? {
        end - start > 2 ? string(in: bytes) : nil
    }

    /// A whole number, or nil: for another kind, a fraction, an exponent, and what doesn't fit.
    ///
    /// `12.0` is one: servers whose numbers are all fractions count so.
    public func integer(in bytes: RawSpan) -> Int? {
        guard kind == .number, end <= bytes.byteCount else { return nil }
        let isNegative = bytes.byte(at: start) == UInt8(ascii: "-")
        var number = 0
        var offset = isNegative ? start + 1 : start
        while offset < end, bytes.byte(at: offset).isDecimalDigit {
            let digit = Int(bytes.byte(at: offset) - 0x30)
            let (tenfold, overflow) = number.multipliedReportingOverflow(by: 10)
            let (sum, carry) =
                isNegative ? tenfold.subtractingReportingOverflow(digit) : tenfold.addingReportingOverflow(digit)
            guard !overflow, !carry else { return nil }
            number = sum
            offset += 1
        }
        return offset == end || isZeroFraction(offset, bytes) ? number : nil
    }

    /// Whether what follows a number's whole part is a fraction that adds nothing.
    private func isZeroFraction(_ point: Int, _ bytes: RawSpan) -> Bool {
        guard bytes.byte(at: point) == UInt8(ascii: ".") else { return false }
        return (point + 1..<end).allSatisfy { bytes.byte(at: $0) == UInt8(ascii: "0") }
    }

    /// The value as it is written.
    public func raw(in bytes: RawSpan) -> String { end <= bytes.byteCount ? bytes.text(start..<end) : "" }

    /// A member of an object, ``absent`` where there is none; the last one wins where a name is repeated.
    public func member(_ name: StaticString, in bytes: RawSpan) -> JSONSlice {
        var found = JSONSlice.absent
        var scanner = JSONScanner(bytes, self)
        guard scanner.enterObject(in: bytes) else { return found }
        while let key = scanner.nextKey(in: bytes), let value = scanner.nextValue(in: bytes) {
            if key.equals(name, in: bytes) { found = value }
        }
        return found
    }
}

extension JSONSlice {
    /// Replaces the escapes. Half a surrogate pair becomes U+FFFD.
    private func unescaped(in bytes: RawSpan) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(end - start)
        var offset = start + 1
        let last = end - 1
        while offset < last {
            let next = bytes.quoteOrBackslash(from: offset, to: last)
            text.append(bytes, offset..<next)
            offset = next
            guard offset < last else { break }
            offset = bytes.appendJSONEscape(at: offset, to: last, &text)
        }
        return String(decoding: text, as: UTF8.self)
    }
}
