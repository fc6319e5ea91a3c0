#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

extension UInt8 {
    static let lineFeed: UInt8 = 0x0A
    static let carriageReturn: UInt8 = 0x0D
    static let space: UInt8 = 0x20
    static let colon: UInt8 = 0x3A
}

extension RawSpan {
    /// The byte at an offset, which must lie within the span.
    @inline(__always)
    func byte(at offset: Int) -> UInt8 {
        // A UInt8 has no invalid bit pattern and no alignment, so the load is safe; its bounds are checked.
        unsafeLoad(fromByteOffset: offset, as: UInt8.self)
    }

    /// Where a byte first stands at or after `start`, or nil.
    @inline(__always)
    func firstOffset(of byte: UInt8, from start: Int) -> Int? {
        guard start < byteCount else { return nil }
        return withUnsafeBytes { bytes -> Int? in
            // The guards keep the address and the length within the span.
            guard let base = bytes.baseAddress,
                let found = memchr(base + start, Int32(byte), bytes.count - start)
            else { return nil }
            return UnsafeRawPointer(found) - base
        }
    }

    /// Whether the bytes of a range are those of an ASCII literal.
    @inline(__always)
    func equals(_ text: StaticString, _ range: Range<Int>) -> Bool {
        guard range.count == text.utf8CodeUnitCount else { return false }
        let expected = text.utf8Start
        for offset in 0..<range.count where byte(at: range.lowerBound + offset) != expected[offset] {
            return false
        }
        return true
    }
}

extension [UInt8] {
    @inline(__always)
    mutating func append(_ bytes: RawSpan, _ range: Range<Int>) {
        bytes.extracting(range).withUnsafeBytes { append(contentsOf: $0) }
    }
}

/// Finds the line ends of one chunk, front to back.
///
/// It remembers the next LF and the next CR, so that each byte is looked at once for either, however the ends are mixed:
/// asking anew for every line would be quadratic where one kind never comes.
package struct LineEnds {
    private var lineFeed = -1
    private var carriageReturn = -1

    package init() {}

    /// Where the line that starts at `start` ends, or the chunk's end.
    @inline(__always)
    package mutating func next(in bytes: RawSpan, from start: Int) -> Int {
        if lineFeed < start {
            lineFeed = bytes.firstOffset(of: .lineFeed, from: start) ?? bytes.byteCount
        }
        if carriageReturn < start {
            carriageReturn = bytes.firstOffset(of: .carriageReturn, from: start) ?? bytes.byteCount
        }
        return min(lineFeed, carriageReturn)
    }
}
