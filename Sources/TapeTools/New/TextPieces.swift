/// How a text is cut into the pieces that a model would stream it in. Put together they are the text, byte for byte.
public enum TextPieces: Sendable, Hashable {
    /// Words, each with the space before it.
    case words
    case characters
    /// About as tokenizers cut: words, the long ones in several pieces.
    case tokens
    /// So many characters each.
    case size(Int)
    /// All at once.
    case one

    /// Reads `words`, `characters`, `tokens-ish`, `size:N` or `one`.
    public init?(_ text: String) {
        switch text {
        case "words": self = .words
        case "characters": self = .characters
        case "tokens-ish": self = .tokens
        case "one": self = .one
        default:
            guard text.hasPrefix("size:"), let size = Int(text.dropFirst(5)), size > 0 else { return nil }
            self = .size(size)
        }
    }

    private static let tokenLength = 4
    private static let argumentLength = 6

    func split(_ text: String) -> [String] {
        switch self {
        case .one: text.isEmpty ? [] : [text]
        case .characters: text.map { String($0) }
        case .size(let size): Self.cut(text, every: size)
        case .words: Self.words(text)
        case .tokens:
            Self.words(text).flatMap { Self.cut($0, every: $0.first == " " ? Self.tokenLength + 1 : Self.tokenLength) }
        }
    }

    /// JSON has few spaces to cut at, so words and tokens are of one size there.
    func splitArguments(_ text: String) -> [String] {
        switch self {
        case .words, .tokens: Self.cut(text, every: Self.argumentLength)
        default: split(text)
        }
    }

    private static func cut(_ text: String, every size: Int) -> [String] {
        var pieces: [String] = []
        var rest = text[...]
        while !rest.isEmpty {
            pieces.append(String(rest.prefix(size)))
            rest = rest.dropFirst(size)
        }
        return pieces
    }

    private static func words(_ text: String) -> [String] {
        var pieces: [String] = []
        var piece = ""
        var hasWord = false
        for character in text {
            if character.isWhitespace, hasWord {
                pieces.append(piece)
                piece = ""
                hasWord = false
            } else if !character.isWhitespace {
                hasWord = true
            }
            piece.append(character)
        }
        return piece.isEmpty ? pieces : pieces + [piece]
    }
}
