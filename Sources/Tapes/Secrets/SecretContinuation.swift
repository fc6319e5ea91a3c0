/// What is still masked behind a secret that was recognised by its beginning.
///
/// Most secrets are known long before they end. From then on nothing is held back: each byte that can belong to it is
/// masked as it comes.
enum SecretContinuation: Sendable {
    case none
    case run(CharacterClasses)
    /// Parts of base64url; so many dots may still come.
    case jsonWebToken(dots: Int)
    /// To the end of the fourth run of hyphens, of which so many are behind; `hyphens` counts those of the present one.
    case pem(runs: Int, hyphens: Int)

    @inline(__always)
    var isOpen: Bool { if case .none = self { false } else { true } }

    /// Whether a byte still belongs to it; where it doesn't, it is over.
    mutating func takes(_ byte: UInt8) -> Bool {
        switch self {
        case .none: return false
        case .run(let alphabet):
            if alphabet.isSuperset(of: CharacterClasses(of: byte)), CharacterClasses(of: byte) != [] { return true }
        case .jsonWebToken(let dots):
            if byte == UInt8(ascii: "."), dots > 0 {
                self = .jsonWebToken(dots: dots - 1)
                return true
            }
            let kind = CharacterClasses(of: byte)
            if kind != [], CharacterClasses.base64URL.isSuperset(of: kind) { return true }
        case .pem(let runs, let hyphens):
            if byte == UInt8(ascii: "-") {
                // The fifth hyphen of the last line is the end of it all.
                self = runs == 3 && hyphens == 4 ? .none : .pem(runs: runs, hyphens: min(hyphens + 1, 5))
                return true
            }
            if Self.isArmour(byte) {
                self = .pem(runs: hyphens == 5 ? runs + 1 : runs, hyphens: 0)
                return true
            }
        }
        self = .none
        return false
    }

    /// What is in a block of PEM: base64, line ends (as an inner JSON may write them, too), headers.
    private static func isArmour(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"), UInt8(ascii: "\\"),
            UInt8(ascii: ":"), UInt8(ascii: ","), UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "="):
            true
        default:
            CharacterClasses(of: byte).isAlphanumeric
        }
    }
}
