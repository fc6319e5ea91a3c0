/// A header of a binary message: a name, and a value of one of ten types.
package struct AWSEventStreamHeader: Sendable, Hashable {
    package enum Value: Sendable, Hashable {
        case bool(Bool)
        case byte(Int8)
        case int16(Int16)
        case int32(Int32)
        case int64(Int64)
        case bytes([UInt8])
        case string(String)
        /// In milliseconds since 1970.
        case timestamp(Int64)
        /// 16 bytes.
        case uuid([UInt8])
    }

    /// At most 255 bytes of UTF-8.
    package var name: String
    package var value: Value

    package init(_ name: String, _ value: Value) {
        self.name = name
        self.value = value
    }
}

/// Where one header lies within a message.
package struct AWSEventStreamHeaderSlice: Sendable, Hashable {
    /// The types of values, as numbered on the wire.
    enum Kind: UInt8, Sendable {
        case `true`, `false`, byte, int16, int32, int64, bytes, string, timestamp, uuid
    }

    let kind: Kind
    let name: Range<Int>
    let value: Range<Int>
}

/// Reads the headers of a message one after the other.
struct AWSEventStreamHeaderReader: Sendable {
    private var index: Int
    private let end: Int

    /// - Parameter range: where they lie within the message.
    init(_ range: Range<Int>) {
        index = range.lowerBound
        end = range.upperBound
    }

    /// The next header, or nil behind the last. None reaches beyond the range.
    mutating func next(in message: RawSpan) throws(FramingError) -> AWSEventStreamHeaderSlice? {
        guard index < end else { return nil }
        let name = try take(Int(message.byte(at: index)), from: index + 1)
        guard !name.isEmpty else { throw FramingError.badHeaders("a name is empty") }
        let type = try take(1, from: name.upperBound)
        guard let kind = AWSEventStreamHeaderSlice.Kind(rawValue: message.byte(at: type.lowerBound)) else {
            throw FramingError.badHeaders("\(message.byte(at: type.lowerBound)) is no type of a value")
        }
        let value = try value(kind, from: type.upperBound, message)
        index = value.upperBound
        return AWSEventStreamHeaderSlice(kind: kind, name: name, value: value)
    }

    private func value(
        _ kind: AWSEventStreamHeaderSlice.Kind,
        from start: Int,
        _ message: RawSpan
    ) throws(FramingError) -> Range<Int> {
        switch kind {
        case .true, .false: return try take(0, from: start)
        case .byte: return try take(1, from: start)
        case .int16: return try take(2, from: start)
        case .int32: return try take(4, from: start)
        case .int64, .timestamp: return try take(8, from: start)
        case .uuid: return try take(16, from: start)
        case .bytes, .string:
            let length = try take(2, from: start)
            return try take(Int(message.bigEndian16(at: start)), from: length.upperBound)
        }
    }

    private func take(_ count: Int, from start: Int) throws(FramingError) -> Range<Int> {
        guard count <= end - start else { throw FramingError.badHeaders("one reaches beyond them") }
        return start..<start + count
    }
}
