/// What stands in front of a client's payload (RFC 6455, section 5.2).
struct FrameHeader: Hashable {
    var opcode: Opcode
    /// Whether the message ends with this frame.
    var isFinal: Bool
    /// Bytes of payload.
    var length: Int
    var maskingKey: MaskingKey
}

/// Gathers a header that may come in pieces, and refuses it at the first byte that is wrong.
struct FrameHeaderReader {
    private var bytes: [UInt8] = []

    /// Whether a header has begun to come.
    var isInside: Bool { !bytes.isEmpty }

    /// Takes the next byte; returns the header once that was its last.
    mutating func take(_ byte: UInt8) throws(WebSocketFailure) -> FrameHeader? {
        if bytes.isEmpty { bytes.reserveCapacity(14) }
        bytes.append(byte)
        switch bytes.count {
        case 1: try checkFirst(byte)
        case 2: try checkSecond(byte)
        default: break
        }
        guard bytes.count >= 2, bytes.count == 2 + extraLength + 4 else { return nil }
        let header = FrameHeader(
            opcode: Opcode(rawValue: bytes[0] & 0xF) ?? .continuation,
            isFinal: bytes[0] & 0x80 != 0,
            length: try length(),
            maskingKey: MaskingKey(bytes.suffix(4))
        )
        bytes.removeAll(keepingCapacity: true)
        return header
    }

    /// How many bytes of length follow the second byte.
    private var extraLength: Int {
        switch bytes[1] & 0x7F {
        case 126: 2
        case 127: 8
        default: 0
        }
    }

    private func checkFirst(_ byte: UInt8) throws(WebSocketFailure) {
        // No extension is ever agreed on that would give these bits a meaning.
        guard byte & 0x70 == 0 else { throw .init(.protocolError, "reserved bits are set") }
        guard let opcode = Opcode(rawValue: byte & 0xF) else {
            throw .init(.protocolError, "the opcode is reserved")
        }
        guard !opcode.isControl || byte & 0x80 != 0 else {
            throw .init(.protocolError, "a control frame must not be fragmented")
        }
    }

    private func checkSecond(_ byte: UInt8) throws(WebSocketFailure) {
        guard byte & 0x80 != 0 else { throw .init(.protocolError, "a client's frames must be masked") }
        guard bytes[0] & 0x8 == 0 || byte & 0x7F <= 125 else {
            throw .init(.protocolError, "a control frame has at most 125 bytes")
        }
    }

    private func length() throws(WebSocketFailure) -> Int {
        let short = Int(bytes[1] & 0x7F)
        guard short > 125 else { return short }
        let value = bytes[2..<2 + extraLength].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard value >= (short == 126 ? 126 : 0x1_0000) else {
            throw .init(.protocolError, "a length must be written in as few bytes as it takes")
        }
        guard value <= UInt64(Int64.max) else {
            throw .init(.protocolError, "a length has 63 bits")
        }
        return Int(clamping: value)
    }
}
