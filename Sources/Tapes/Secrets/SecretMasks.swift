/// A byte of a decoded text, and where it stands in the body.
struct SourceByte: Sendable {
    /// Where its first source byte stands, from the body's beginning.
    var position: Int
    /// How many source bytes it has: an escape has up to 12, what isn't in the body at all has none.
    var length: Int
}

/// What is to be masked of a body, by place; collected while it is read, which must not change.
struct SecretMasks {
    struct Mask {
        var range: Range<Int>
        /// Whether it stands in JSON outside of a string, where digits must stay a number.
        var isBare: Bool
    }

    private(set) var masks: [Mask] = []
    /// What was found, for those who want to know; at most ``findingLimit``.
    private(set) var findings: [(rule: Int, range: Range<Int>)] = []
    var keepsFindings = false
    /// Whether what comes now stands in JSON outside of a string.
    var isBare = false

    private static let findingLimit = 10_000

    var isEmpty: Bool { masks.isEmpty }

    mutating func mask(_ range: Range<Int>) {
        guard !range.isEmpty else { return }
        if let last = masks.last, last.range.upperBound == range.lowerBound, last.isBare == isBare {
            masks[masks.count - 1].range = last.range.lowerBound..<range.upperBound
        } else {
            masks.append(Mask(range: range, isBare: isBare))
        }
    }

    mutating func mask(_ source: SourceByte) {
        mask(source.position..<source.position + source.length)
    }

    /// Says that a secret was found; its masks are told apart.
    mutating func found(_ rule: Int, _ range: Range<Int>) {
        guard keepsFindings, findings.count < Self.findingLimit else { return }
        findings.append((rule, range))
    }

    mutating func removeAll() {
        masks.removeAll(keepingCapacity: masks.count < 1024)
    }

    /// What a masked byte becomes. Line ends stay, because framings need them.
    static func masked(_ byte: UInt8, isBare: Bool) -> UInt8 {
        if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") { return byte }
        return isBare && byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") ? UInt8(ascii: "1") : UInt8(ascii: "*")
    }
}
