#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

extension RawSpan {
    /// The byte at an offset, which must lie within the span.
    @inline(__always)
    func byte(at offset: Int) -> UInt8 {
        // A UInt8 has no invalid bit pattern and no alignment, so the load is safe; its bounds are checked.
        unsafeLoad(fromByteOffset: offset, as: UInt8.self)
    }

    /// Whether the bytes of a range are those of an ASCII literal.
    @inline(__always)
    func equals(_ text: StaticString, _ range: Range<Int>) -> Bool {
        guard range.count == text.utf8CodeUnitCount, range.lowerBound >= 0, range.upperBound <= byteCount else {
            return false
        }
        // The guard keeps the comparison within both; with the literal's length known it is a few instructions.
        return withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return range.isEmpty }
            return memcmp(base + range.lowerBound, text.utf8Start, text.utf8CodeUnitCount) == 0
        }
    }

    /// Whether both have the same bytes.
    @inline(__always)
    func isEqual(to other: RawSpan) -> Bool {
        guard byteCount == other.byteCount else { return false }
        return withUnsafeBytes { bytes in
            other.withUnsafeBytes { others in
                guard let base = bytes.baseAddress, let other = others.baseAddress else { return true }
                return memcmp(base, other, bytes.count) == 0
            }
        }
    }

    /// The bytes as text; what isn't UTF-8 becomes U+FFFD.
    func text(_ range: Range<Int>) -> String {
        extracting(range).withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    }
}

extension RawSpan {
    /// A range without the white space of JSON around it.
    func trimmed(_ range: Range<Int>) -> Range<Int> {
        var start = range.lowerBound
        var end = range.upperBound
        while start < end, byte(at: start).isSpace { start += 1 }
        while end > start, byte(at: end - 1).isSpace { end -= 1 }
        return start..<end
    }

    /// Whether there is nothing but white space.
    var isBlank: Bool { trimmed(0..<byteCount).isEmpty }

    /// Where a byte first stands at or after `start`, or nil.
    package func firstOffset(of byte: UInt8, from start: Int) -> Int? {
        guard start < byteCount else { return nil }
        return withUnsafeBytes { bytes -> Int? in
            guard let base = bytes.baseAddress,
                let found = memchr(base + start, Int32(byte), bytes.count - start)
            else { return nil }
            return UnsafeRawPointer(found) - base
        }
    }
}

extension UInt8 {
    @inline(__always)
    fileprivate var isSpace: Bool { self == 0x20 || self == 0x0A || self == 0x0D || self == 0x09 }
}
