/// Where the parts of one binary message lie: total length, headers length, a checksum of these two, headers, payload,
/// a checksum of all before it. Every number is big-endian.
package struct AWSEventStreamLayout: Sendable, Hashable {
    /// The two lengths and their checksum, in bytes.
    package static var preludeLength: Int { 12 }
    /// More headers than any service sends, in bytes.
    package static var maximumHeaders: Int { 128 << 10 }
    /// The prelude, and the checksum at the end.
    private static var overhead: Int { preludeLength + 4 }

    /// How long the message is, in bytes, both checksums included.
    package let length: Int
    private let headersLength: Int

    /// Where the headers lie, counted from the message's first byte.
    package var headers: Range<Int> { Self.preludeLength..<Self.preludeLength + headersLength }
    /// Where the payload lies, counted from the message's first byte.
    package var payload: Range<Int> { headers.upperBound..<length - 4 }

    /// Reads a prelude, and believes it only if its checksum is right and its lengths agree.
    ///
    /// - Parameters:
    ///   - start: where the message begins in `bytes`, which must hold the whole prelude.
    ///   - limit: the longest message that is taken, in bytes.
    package init(_ bytes: RawSpan, at start: Int, limit: Int) throws(FramingError) {
        let prelude = bytes.extracting(start..<start + Self.preludeLength)
        guard CRC32.checksum(prelude.extracting(0..<8)) == prelude.bigEndian(at: 8) else {
            throw FramingError.badChecksum("prelude")
        }
        length = Int(prelude.bigEndian(at: 0))
        headersLength = Int(prelude.bigEndian(at: 4))
        guard length >= Self.overhead, headersLength <= length - Self.overhead else {
            throw FramingError.badLengths(total: length, headers: headersLength)
        }
        guard headersLength <= Self.maximumHeaders else { throw FramingError.headersTooLong(Self.maximumHeaders) }
        guard length <= limit else { throw FramingError.messageTooLong(limit) }
    }

    /// Checks a whole message against the checksum at its end.
    package func check(_ message: RawSpan) throws(FramingError) {
        guard CRC32.checksum(message.extracting(0..<length - 4)) == message.bigEndian(at: length - 4) else {
            throw FramingError.badChecksum("message")
        }
    }
}

extension RawSpan {
    /// Four bytes, the most significant first.
    func bigEndian(at offset: Int) -> UInt32 {
        UInt32(bigEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }

    /// Two bytes, the more significant first.
    func bigEndian16(at offset: Int) -> UInt16 {
        UInt16(bigEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: UInt16.self))
    }
}

extension FramingError {
    static func badChecksum(_ part: String) -> FramingError {
        FramingError(message: "the checksum of a \(part) is wrong", code: "bad_checksum")
    }

    static func badLengths(total: Int, headers: Int) -> FramingError {
        FramingError(
            message: "a message of \(total) bytes can't have headers of \(headers) bytes",
            code: "bad_length"
        )
    }

    static func badHeaders(_ reason: String) -> FramingError {
        FramingError(message: "the headers of a message are malformed: \(reason)", code: "bad_headers")
    }

    static func headersTooLong(_ limit: Int) -> FramingError {
        FramingError(message: "the headers of a message are longer than \(limit) bytes")
    }

    static func messageTooLong(_ limit: Int) -> FramingError {
        FramingError(message: "a message is longer than \(limit) bytes")
    }

    static func cutMessage(_ count: Int) -> FramingError {
        FramingError(message: "the body ends within a message, \(count) bytes after its start", code: "cut_message")
    }
}
