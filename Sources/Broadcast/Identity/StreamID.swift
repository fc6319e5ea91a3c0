#if canImport(Glibc)
import Glibc
#endif

/// Names a stream or a channel's epoch: 48 bits of time in milliseconds, then 128 random bits.
///
/// As text it is 36 characters of base 32 in ASCII order, so ids sort by the time at which they were made, and nobody
/// can guess one. The random bits come from the system's generator for cryptography.
public struct StreamID: Sendable, Hashable, CustomStringConvertible {
    /// The 36 characters.
    public let description: String

    static let length = 36
    private static let alphabet = Array("0123456789abcdefghijklmnopqrstuv".utf8)

    public init() {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        self.init(milliseconds: UInt64(time.tv_sec) * 1000 + UInt64(time.tv_nsec) / 1_000_000)
    }

    init(milliseconds: UInt64) {
        var generator = RandomPool()
        var characters: [UInt8] = []
        characters.reserveCapacity(Self.length)
        for shift in stride(from: 45, through: 0, by: -5) {
            characters.append(Self.alphabet[Int(milliseconds >> UInt64(shift) & 31)])
        }
        for count in [12, 12, 2] {
            var bits = generator.next() as UInt64
            for _ in 0..<count {
                characters.append(Self.alphabet[Int(bits & 31)])
                bits >>= 5
            }
        }
        description = String(decoding: characters, as: UTF8.self)
    }

    /// Reads an id's text; nil where it can't be one.
    public init?(_ text: some StringProtocol) {
        guard text.utf8.count == Self.length else { return nil }
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "v"): continue
            default: return nil
            }
        }
        description = String(text)
    }
}
