/// Checks that bytes are UTF-8 as they come, and fails at the first that can't be (RFC 3629; RFC 6455, section 8.1).
public struct UTF8Validator: Sendable {
    /// Bytes of the character begun that are still to come.
    private var missing = 0
    /// What the next of them may be: after some first bytes not all continuations are allowed.
    private var low: UInt8 = 0x80
    private var high: UInt8 = 0xBF

    public init() {}

    /// Whether no character is half there.
    public var isAtBoundary: Bool { missing == 0 }

    /// Takes the next bytes; false where they can't be part of UTF-8 text. Nothing may be added after that.
    public mutating func add(_ bytes: RawSpan) -> Bool {
        bytes.withUnsafeBytes { add($0) }
    }

    mutating func add(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var index = 0
        while index < bytes.count {
            // Most text is ASCII.
            if missing == 0 {
                while index + 8 <= bytes.count,
                    bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self) & 0x8080_8080_8080_8080 == 0
                {
                    index += 8
                }
                guard index < bytes.count else { break }
            }
            guard add(bytes[index]) else { return false }
            index += 1
        }
        return true
    }

    private mutating func add(_ byte: UInt8) -> Bool {
        guard missing == 0 else {
            guard (low...high).contains(byte) else { return false }
            missing -= 1
            low = 0x80
            high = 0xBF
            return true
        }
        switch byte {
        case 0x00...0x7F: return true
        case 0xC2...0xDF: missing = 1
        case 0xE0...0xEF:
            missing = 2
            // No overlong forms, no halves of surrogate pairs.
            if byte == 0xE0 { low = 0xA0 }
            if byte == 0xED { high = 0x9F }
        case 0xF0...0xF4:
            missing = 3
            // No overlong forms, nothing behind U+10FFFF.
            if byte == 0xF0 { low = 0x90 }
            if byte == 0xF4 { high = 0x8F }
        default: return false
        }
        return true
    }
}
