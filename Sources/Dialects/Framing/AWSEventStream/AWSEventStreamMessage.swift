/// A binary message as it is written: headers and a payload; lengths and checksums are made for it.
package struct AWSEventStreamMessage: Sendable, Hashable {
    package var headers: [AWSEventStreamHeader]
    package var payload: [UInt8]

    package init(headers: [AWSEventStreamHeader] = [], payload: [UInt8] = []) {
        self.headers = headers
        self.payload = payload
    }

    /// An event with a JSON payload, as Bedrock's streams are made of.
    package static func event(_ type: String, json: [UInt8]) -> Self {
        Self(
            headers: [
                AWSEventStreamHeader(":event-type", .string(type)),
                AWSEventStreamHeader(":content-type", .string("application/json")),
                AWSEventStreamHeader(":message-type", .string("event")),
            ],
            payload: json
        )
    }

    /// An exception, which ends a stream: `{"message":…}`.
    ///
    /// - Parameter type: such as `throttlingException`.
    package static func exception(_ type: String, message: String) -> Self {
        var payload: [UInt8] = []
        payload.append(verbatim: #"{"message":"#)
        payload.appendJSON(string: message)
        payload.append(verbatim: "}")
        return Self(
            headers: [
                AWSEventStreamHeader(":exception-type", .string(type)),
                AWSEventStreamHeader(":content-type", .string("application/json")),
                AWSEventStreamHeader(":message-type", .string("exception")),
            ],
            payload: payload
        )
    }

    /// The message as it travels.
    ///
    /// - Returns: nil where a name or a value is longer than the format can say, a UUID isn't 16 bytes, or the headers
    ///   or the message are longer than a reader takes.
    package var bytes: [UInt8]? {
        var output = [UInt8](repeating: 0, count: AWSEventStreamLayout.preludeLength)
        for header in headers {
            guard output.append(header) else { return nil }
        }
        let headersLength = output.count - AWSEventStreamLayout.preludeLength
        output.append(contentsOf: payload)
        guard headersLength <= AWSEventStreamLayout.maximumHeaders, let length = Int32(exactly: output.count + 4) else {
            return nil
        }
        output.append(bigEndian: 0 as UInt32)
        output.set(UInt32(length), at: 0)
        output.set(UInt32(headersLength), at: 4)
        Self.renewChecksums(of: &output)
        return output
    }

    /// Makes the checksums right again of a whole message whose payload or headers were changed in place.
    package static func renewChecksums(of message: inout [UInt8]) {
        guard message.count >= AWSEventStreamLayout.preludeLength + 4 else { return }
        message.set(CRC32.checksum(message.span.bytes.extracting(0..<8)), at: 8)
        let end = message.count - 4
        message.set(CRC32.checksum(message.span.bytes.extracting(0..<end)), at: end)
    }
}

extension [UInt8] {
    fileprivate mutating func append(bigEndian value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
    }

    fileprivate mutating func set(_ value: UInt32, at offset: Int) {
        for place in 0..<4 { self[offset + place] = UInt8(truncatingIfNeeded: value >> (24 - 8 * place)) }
    }

    /// - Returns: false where the header can't be written.
    fileprivate mutating func append(_ header: AWSEventStreamHeader) -> Bool {
        guard let length = UInt8(exactly: header.name.utf8.count), length > 0 else { return false }
        append(length)
        append(contentsOf: header.name.utf8)
        switch header.value {
        case .bool(let value): append(kind: value ? .true : .false)
        case .byte(let value): append(kind: .byte, value)
        case .int16(let value): append(kind: .int16, value)
        case .int32(let value): append(kind: .int32, value)
        case .int64(let value): append(kind: .int64, value)
        case .timestamp(let value): append(kind: .timestamp, value)
        case .bytes(let value): return append(kind: .bytes, sized: value)
        case .string(let value): return append(kind: .string, sized: Array(value.utf8))
        case .uuid(let value):
            guard value.count == 16 else { return false }
            append(kind: .uuid)
            append(contentsOf: value)
        }
        return true
    }

    private mutating func append(kind: AWSEventStreamHeaderSlice.Kind) { append(kind.rawValue) }

    private mutating func append(kind: AWSEventStreamHeaderSlice.Kind, _ value: some FixedWidthInteger) {
        append(kind: kind)
        append(bigEndian: value)
    }

    private mutating func append(kind: AWSEventStreamHeaderSlice.Kind, sized value: [UInt8]) -> Bool {
        guard let length = UInt16(exactly: value.count) else { return false }
        append(kind: kind, length)
        append(contentsOf: value)
        return true
    }
}
