/// Reads JSON text front to back, and only as much of it as is asked for (RFC 8259).
///
/// The scanner is an index; the bytes are passed down with every call, and have to be the same ones. It allocates only
/// where a `String` is taken. Malformed text makes ``isValid`` false for good, and every later call answers nil; so does
/// text of more than 4 GiB. Two things are taken that strict readers refuse, since one bad character shouldn't cost a
/// token: in strings, bytes that aren't UTF-8 and halves of surrogate pairs. They become U+FFFD.
///
/// ```swift
/// var scanner = JSONScanner(bytes)
/// guard scanner.enterObject(in: bytes) else { return }
/// while let key = scanner.nextKey(in: bytes), let value = scanner.nextValue(in: bytes) {
///     if key.equals("model", in: bytes) { print(value.string(in: bytes) ?? "") }
/// }
/// ```
public struct JSONScanner: Sendable {
    /// How deeply a value that is skipped may be nested.
    public static var maximumDepth: Int { 64 }

    /// Where the next byte is read.
    public internal(set) var index: Int
    /// Where the text ends.
    public let end: Int
    /// Whether all that was read so far is JSON.
    public internal(set) var isValid: Bool
    /// Whether the container just entered has had no member yet.
    private var isFirst = false

    public init(_ bytes: RawSpan) {
        index = 0
        end = bytes.byteCount
        isValid = end <= UInt32.max
    }

    /// Reads a value that was passed over before.
    public init(_ bytes: RawSpan, _ value: JSONSlice) {
        end = min(value.range.upperBound, bytes.byteCount)
        index = min(value.range.lowerBound, end)
        isValid = true
    }

    /// Steps into an object. False where there is none; a value of another kind stays unread.
    @inline(__always)
    public mutating func enterObject(in bytes: RawSpan) -> Bool { enter(UInt8(ascii: "{"), bytes) }

    /// Steps into an array. False where there is none; a value of another kind stays unread.
    @inline(__always)
    public mutating func enterArray(in bytes: RawSpan) -> Bool { enter(UInt8(ascii: "["), bytes) }

    /// Reads the next member's key, up to its value, which must be read or passed over before the next call.
    ///
    /// - Returns: nil at the object's end, which is then behind, and where the text is malformed.
    @inline(__always)
    public mutating func nextKey(in bytes: RawSpan) -> JSONSlice? {
        guard nextItem(before: UInt8(ascii: "}"), bytes) else { return nil }
        return key(bytes)
    }

    /// Steps to the next element, which must be read or passed over before the next call.
    ///
    /// - Returns: false at the array's end, which is then behind, and where the text is malformed.
    public mutating func nextElement(in bytes: RawSpan) -> Bool {
        nextItem(before: UInt8(ascii: "]"), bytes)
    }

    /// Passes over one value of any kind, checking that it is one.
    ///
    /// - Returns: where it stands, or nil if it is malformed or nested too deeply.
    @inline(__always)
    public mutating func nextValue(in bytes: RawSpan) -> JSONSlice? {
        skipSpace(bytes)
        guard isValid, index < end else { return fail() }
        let byte = bytes.byte(at: index)
        if byte == UInt8(ascii: "\"") { return string(bytes) }
        if byte | 0x20 == UInt8(ascii: "{") { return container(byte, bytes) }
        return scalar(byte, bytes)
    }

    /// Whether nothing but white space is left.
    public mutating func isAtEnd(in bytes: RawSpan) -> Bool {
        skipSpace(bytes)
        return isValid && index == end
    }

    @inline(__always)
    private mutating func enter(_ bracket: UInt8, _ bytes: RawSpan) -> Bool {
        skipSpace(bytes)
        guard isValid, index < end, bytes.byte(at: index) == bracket else { return false }
        index += 1
        isFirst = true
        return true
    }

    /// Steps over the comma before an item, or over the bracket that ends the container.
    @inline(__always)
    private mutating func nextItem(before bracket: UInt8, _ bytes: RawSpan) -> Bool {
        skipSpace(bytes)
        guard isValid, index < end else {
            isValid = false
            return false
        }
        // One flag does for all levels: a container that ends was itself an item of the one around it.
        let wasFirst = isFirst
        isFirst = false
        let byte = bytes.byte(at: index)
        if byte == bracket {
            index += 1
            return false
        }
        if wasFirst { return true }
        guard byte == UInt8(ascii: ",") else {
            isValid = false
            return false
        }
        index += 1
        skipSpace(bytes)
        return true
    }
}
