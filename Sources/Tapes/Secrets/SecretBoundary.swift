/// Where a word begins, as far as the start of a secret is concerned.
enum SecretBoundary {
    /// Whether what stands before `start` doesn't belong to the same word.
    ///
    /// A letter that an escape ends with (`\n`, `%3D`, `\u003d`) is none.
    static func isBehind(_ text: Span<UInt8>, _ start: Int, from lower: Int, _ context: UInt64) -> Bool {
        func previous(_ distance: Int) -> UInt8 {
            let index = start - distance
            if index >= lower { return text[index] }
            let back = lower - index
            return back <= 8 ? UInt8(truncatingIfNeeded: context >> UInt64(8 * (back - 1))) : 0
        }
        let last = previous(1)
        guard CharacterClasses(of: last).isAlphanumeric
        else { return true }
        switch previous(2) {
        // At the beginning of a piece nobody sees the backslash or the percent sign that may end the one before.
        case 0 where "bfnrt".utf8.contains(last): return true
        case UInt8(ascii: "0")...UInt8(ascii: "9") where previous(3) == 0 && isHex(last): return true
        case UInt8(ascii: "\\") where "bfnrt".utf8.contains(last): return true
        case let byte where previous(3) == UInt8(ascii: "%") && isHex(byte) && isHex(last): return true
        default: break
        }
        return previous(6) == UInt8(ascii: "\\") && previous(5) == UInt8(ascii: "u")
            && (1...4).allSatisfy { isHex(previous($0)) }
    }

    private static func isHex(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "F"),
            UInt8(ascii: "a")...UInt8(ascii: "f"):
            true
        default: false
        }
    }
}
