import Glibc
import Synchronization

/// The system's random bits for cryptography, taken from it 256 bytes at a time: a new stream needs a few, and the
/// system is asked for none of them.
struct RandomPool: RandomNumberGenerator {
    private static let words = Mutex<[UInt64]>([])
    /// 256 bytes are the most that may be asked for at once.
    private static let size = 32

    mutating func next() -> UInt64 {
        Self.words.withLock { words in
            if words.isEmpty { words = Self.fresh() }
            // Each is given once, and isn't kept.
            return words.removeLast()
        }
    }

    private static func fresh() -> [UInt64] {
        var words = [UInt64](repeating: 0, count: size)
        let code = words.withUnsafeMutableBytes { $0.baseAddress.map { getentropy($0, size * 8) } ?? -1 }
        guard code == 0 else {
            // A system that refuses is left to the standard library, which insists.
            var generator = SystemRandomNumberGenerator()
            return (0..<size).map { _ in generator.next() }
        }
        return words
    }
}
