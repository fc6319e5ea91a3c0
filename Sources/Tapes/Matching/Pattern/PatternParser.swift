/// Reads a regular expression: characters, `.`, classes, groups, `|`, quantifiers, `^`, `$`, `\b`. What can't be matched in
/// linear time (back-references, looking around) is refused, and so is what would only be understood otherwise.
struct PatternParser {
    private let scalars: [Unicode.Scalar]
    private var position = 0
    private var depth = 0

    private static let deepest = 32
    private static let highestCount = 1000

    init(_ text: String) {
        scalars = Array(text.unicodeScalars)
    }

    mutating func parse() throws(PatternError) -> PatternNode {
        let node = try alternatives()
        guard position == scalars.count else { throw problem("a ')' closes nothing") }
        return node
    }

    private var next: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard next == scalar else { return false }
        position += 1
        return true
    }

    private func problem(_ message: String) -> PatternError {
        PatternError(message: "\(message) (character \(min(position + 1, scalars.count)))")
    }

    private mutating func alternatives() throws(PatternError) -> PatternNode {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.deepest else { throw problem("groups are nested too deep") }
        var options: [PatternNode] = [try sequence()]
        while take("|") { options.append(try sequence()) }
        return options.count == 1 ? options[0] : .alternatives(options)
    }

    private mutating func sequence() throws(PatternError) -> PatternNode {
        var nodes: [PatternNode] = []
        while let scalar = next, scalar != "|", scalar != ")" { nodes.append(try quantified()) }
        return nodes.isEmpty ? .empty : .sequence(nodes)
    }

    private mutating func quantified() throws(PatternError) -> PatternNode {
        let node = try atom()
        guard let (minimum, maximum) = try quantifier() else { return node }
        if case .assertion = node { throw problem("a place can't be repeated") }
        let isGreedy = !take("?")
        if next == "+" { throw problem("possessive quantifiers aren't understood") }
        if try quantifier() != nil { throw problem("a quantifier follows a quantifier") }
        return .repeated(node, minimum: minimum, maximum: maximum, isGreedy: isGreedy)
    }

    private mutating func quantifier() throws(PatternError) -> (Int, Int?)? {
        if take("*") { return (0, nil) }
        if take("+") { return (1, nil) }
        if take("?") { return (0, 1) }
        guard next == "{" else { return nil }
        position += 1
        guard let minimum = try count() else { throw problem("'{' wants a number; a brace itself is '\\{'") }
        var maximum: Int? = minimum
        if take(",") { maximum = try count() }
        guard take("}") else { throw problem("'{' isn't closed") }
        if let maximum, maximum < minimum { throw problem("the numbers in '{}' fall") }
        return (minimum, maximum)
    }

    private mutating func count() throws(PatternError) -> Int? {
        var value: Int?
        while let scalar = next, ("0"..."9").contains(scalar) {
            value = (value ?? 0) * 10 + Int(scalar.value - 0x30)
            guard value ?? 0 <= Self.highestCount else { throw problem("more than \(Self.highestCount) repetitions") }
            position += 1
        }
        return value
    }

    private mutating func atom() throws(PatternError) -> PatternNode {
        guard let scalar = next else { return .empty }
        position += 1
        switch scalar {
        case ".": return .set(ScalarSet.newline.inverted)
        case "^": return .assertion(.start)
        case "$": return .assertion(.end)
        case "[": return .set(try characterClass())
        case "(":
            if take("?"), !take(":") { throw problem("of groups that begin with '(?' only '(?:' is understood") }
            let node = try alternatives()
            guard take(")") else { throw problem("a '(' isn't closed") }
            return node
        case "\\":
            if take("b") { return .assertion(.wordBoundary) }
            if take("B") { return .assertion(.noWordBoundary) }
            return .set(try escape())
        case "*", "+", "?", "{": throw problem("there is nothing that '\(scalar)' could repeat")
        default: return .set(ScalarSet(scalar))
        }
    }

    /// What follows a backslash.
    private mutating func escape() throws(PatternError) -> ScalarSet {
        guard let scalar = next else { throw problem("a backslash escapes nothing") }
        position += 1
        switch scalar {
        case "d": return .digit
        case "D": return ScalarSet.digit.inverted
        case "w": return .word
        case "W": return ScalarSet.word.inverted
        case "s": return .space
        case "S": return ScalarSet.space.inverted
        case "n": return ScalarSet("\n")
        case "r": return ScalarSet("\r")
        case "t": return ScalarSet("\t")
        case "a"..."z", "A"..."Z", "0"..."9": throw problem("'\\\(scalar)' isn't understood")
        default: return ScalarSet(scalar)
        }
    }

    private mutating func characterClass() throws(PatternError) -> ScalarSet {
        let isInverted = take("^")
        var set = ScalarSet()
        var isFirst = true
        while let scalar = next, scalar != "]" || isFirst {
            isFirst = false
            position += 1
            if scalar == "\\", let escaped = next, "dDwWsS".unicodeScalars.contains(escaped) {
                set.formUnion(try escape())
                continue
            }
            let lower = scalar == "\\" ? try single() : scalar
            guard next == "-", position + 1 < scalars.count, scalars[position + 1] != "]" else {
                set.insert(lower.value...lower.value)
                continue
            }
            position += 1
            let raw = scalars[position]
            position += 1
            let upper = raw == "\\" ? try single() : raw
            guard lower.value <= upper.value else { throw problem("the range '\(lower)-\(upper)' falls") }
            set.insert(lower.value...upper.value)
        }
        guard take("]") else { throw problem("a '[' isn't closed") }
        return isInverted ? set.inverted : set
    }

    /// An escape that stands for one character, within a class.
    private mutating func single() throws(PatternError) -> Unicode.Scalar {
        guard let scalar = next else { throw problem("a backslash escapes nothing") }
        position += 1
        switch scalar {
        case "n": return "\n"
        case "r": return "\r"
        case "t": return "\t"
        case "a"..."z", "A"..."Z", "0"..."9": throw problem("'\\\(scalar)' isn't understood here")
        default: return scalar
        }
    }
}
