/// A server's frames: whole and unmasked (RFC 6455, section 5).
public enum FrameEncoder {
    /// Bytes of payload that a control frame has at most.
    public static var maximumControl: Int { 125 }

    /// Appends what stands in front of a payload.
    ///
    /// - Parameter length: the payload's, in bytes.
    public static func appendHeader(_ opcode: Opcode, length: Int, to bytes: inout [UInt8]) {
        bytes.append(0x80 | opcode.rawValue)
        switch length {
        case ..<126:
            bytes.append(UInt8(max(length, 0)))
        case ...0xFFFF:
            bytes.append(126)
            bytes.append(UInt8(length >> 8))
            bytes.append(UInt8(length & 0xFF))
        default:
            bytes.append(127)
            for shift in stride(from: 56, through: 0, by: -8) {
                bytes.append(UInt8(truncatingIfNeeded: length >> shift))
            }
        }
    }

    /// A whole frame. Of a control frame's payload as much goes out as it may have.
    public static func frame(_ opcode: Opcode, _ payload: [UInt8] = []) -> [UInt8] {
        let payload = opcode.isControl ? payload.prefix(maximumControl) : payload[...]
        var bytes: [UInt8] = []
        bytes.reserveCapacity(payload.count + 10)
        appendHeader(opcode, length: payload.count, to: &bytes)
        bytes.append(contentsOf: payload)
        return bytes
    }

    /// A close frame.
    ///
    /// - Parameters:
    ///   - code: nil sends none, as the answer to a close frame without.
    ///   - reason: cut behind its last whole character that there is room for.
    public static func close(_ code: CloseCode?, _ reason: String = "") -> [UInt8] {
        guard let code else { return frame(.close) }
        var payload = [UInt8(code.rawValue >> 8), UInt8(code.rawValue & 0xFF)]
        for character in reason.unicodeScalars {
            guard let bytes = UTF8.encode(character) else { break }
            guard payload.count + bytes.count <= maximumControl else { break }
            payload.append(contentsOf: bytes)
        }
        return frame(.close, payload)
    }
}
