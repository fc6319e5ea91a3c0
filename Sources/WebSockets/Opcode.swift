/// What a frame is (RFC 6455, section 5.2).
public enum Opcode: UInt8, Sendable, Hashable, CaseIterable {
    case continuation = 0x0
    case text = 0x1
    case binary = 0x2
    case close = 0x8
    case ping = 0x9
    case pong = 0xA

    /// Whether it is about the connection: short, whole, and allowed between the frames of a message (section 5.5).
    public var isControl: Bool { rawValue & 0x8 != 0 }
}
