/// A regular expression as a tree.
indirect enum PatternNode: Sendable {
    /// A place rather than a character.
    enum Assertion: Sendable {
        case start
        case end
        case wordBoundary
        case noWordBoundary
    }

    case empty
    case set(ScalarSet)
    case assertion(Assertion)
    case sequence([PatternNode])
    case alternatives([PatternNode])
    /// `maximum` nil is without end.
    case repeated(PatternNode, minimum: Int, maximum: Int?, isGreedy: Bool)
}

/// Why a text is no regular expression of ours.
struct PatternError: Error, Sendable {
    var message: String
}
