import Dialects
import Tapes

/// Holds what an end line says the answer added up to against the chunks.
struct FoldCheck {
    struct Difference {
        /// The end line's member.
        var member: String
        /// What the chunks say.
        var value: JSONValue
        var recorded: String?
    }

    private(set) var differences: [Difference] = []

    /// A text that is longer isn't stored.
    private static let longestText = 4 << 20

    init(_ tape: Tape, _ end: TapeEnd) {
        // A dialect that isn't known can't be read again.
        let named = end.dialect.flatMap(Dialect.named)
        guard end.dialect == nil || named != nil else { return }
        let decoded = DecodedTape(tape, dialect: named)
        let text = decoded.fold.text
        if text.utf8.count <= Self.longestText, !Self.isSameText(end.text ?? "", text) {
            differences.append(Difference(member: "text", value: .string(text), recorded: end.text))
        }
        compare("finish", end.finish, decoded.fold.finishReason)
        compare("terminal", end.terminal, decoded.end?.terminal)
        let usage = decoded.fold.usage.flatMap { Self.parse($0.raw) }
        if Self.normal(end.usage.flatMap(Self.parse)) != Self.normal(usage) {
            differences.append(Difference(member: "usage", value: usage ?? .null, recorded: end.usage))
        }
    }

    private mutating func compare(_ member: String, _ recorded: String?, _ found: String?) {
        let isSame = recorded.map { left in found.map { left.hasSameBytes(as: $0) } ?? false } ?? (found == nil)
        if !isSame { differences.append(Difference(member: member, value: .optional(found), recorded: recorded)) }
    }

    /// A secret that the answer brought in pieces is masked in the text, and may not be in the chunks.
    private static func isSameText(_ recorded: String, _ found: String) -> Bool {
        let (left, right) = (recorded.utf8, found.utf8)
        if left.count == right.count, zip(left, right).allSatisfy({ $0 == $1 || $0 == mask }) { return true }
        // In the chunks an escape has a mask of six bytes.
        return withShortMasks(left).elementsEqual(withShortMasks(right))
    }

    private static let mask = UInt8(ascii: "*")

    private static func withShortMasks(_ text: String.UTF8View) -> [UInt8] {
        text.reduce(into: []) { if $1 != mask || $0.last != mask { $0.append($1) } }
    }

    private static func parse(_ text: String) -> JSONValue? {
        try? JSONValue(parsing: text, options: JSONValue.Options(maximumDepth: 32))
    }

    private static func normal(_ value: JSONValue?) -> JSONValue? {
        value.flatMap { CanonicalJSON.normalise($0) }
    }
}
