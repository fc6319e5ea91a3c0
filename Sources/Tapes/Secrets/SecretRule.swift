/// One kind of secret: how it begins, what it is made of, how long it is.
///
/// A rule is meant to be strict: what it hits is masked without asking, so ordinary prose, the ids of real streams and
/// the placeholders of documentation must not fit.
struct SecretRule: Sendable {
    /// What may follow the prefix.
    enum Shape: Sendable {
        /// A run of characters.
        case run(Run)
        /// Nothing: the prefix is the whole secret, as it was told.
        case value
        /// Two more parts of base64url behind dots, the second of which is a JSON object too.
        case jsonWebToken
        /// A block of PEM, to the end of its last line.
        case pem
    }

    struct Run: Sendable {
        var alphabet: CharacterClasses
        var minimum: Int
        /// Nil where it may be of any length; else what is longer is another thing.
        var maximum: Int?
        /// What it must have something of, each.
        var needed: CharacterClasses = []
        /// How many of digits, capitals and small letters it must have something of: a run of the same character, or a
        /// word in small letters, is a placeholder.
        var kinds: Int = 2
    }

    /// As reports and the documentation call it.
    var name: String
    var prefix: [UInt8]
    var shape: Shape
    /// Whether it may stand behind a letter or a digit.
    var needsBoundary = true
    /// Whether the prefix stays readable because it says nothing: `Bearer `.
    var keepsPrefix = false

    /// How many bytes at its beginning are no secret.
    var publicLength: Int {
        switch shape {
        case .value: min(3, prefix.count)
        case .run, .jsonWebToken, .pem: prefix.count
        }
    }
}

/// Which characters there are in secrets.
struct CharacterClasses: OptionSet, Sendable {
    let rawValue: UInt8

    static let digit = CharacterClasses(rawValue: 1)
    static let capital = CharacterClasses(rawValue: 2)
    static let small = CharacterClasses(rawValue: 4)
    static let hyphen = CharacterClasses(rawValue: 8)
    static let underscore = CharacterClasses(rawValue: 16)
    static let dot = CharacterClasses(rawValue: 32)
    /// The rest of what RFC 6750 allows in a bearer token.
    static let tokenSign = CharacterClasses(rawValue: 64)

    static let alphanumeric: CharacterClasses = [.digit, .capital, .small]
    static let base64URL: CharacterClasses = [.alphanumeric, .hyphen, .underscore]
    static let token: CharacterClasses = [.base64URL, .dot, .tokenSign]

    init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// The class of a byte; empty for all that isn't in any.
    init(of byte: UInt8) {
        self =
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): .digit
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): .capital
            case UInt8(ascii: "a")...UInt8(ascii: "z"): .small
            case UInt8(ascii: "-"): .hyphen
            case UInt8(ascii: "_"): .underscore
            case UInt8(ascii: "."): .dot
            case UInt8(ascii: "~"), UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "="): .tokenSign
            default: []
            }
    }

    /// Whether this is a letter or a digit.
    var isAlphanumeric: Bool { rawValue & Self.alphanumeric.rawValue != 0 }

    /// How many of digits, capitals and small letters are in it.
    var kinds: Int { (rawValue & Self.alphanumeric.rawValue).nonzeroBitCount }
}
