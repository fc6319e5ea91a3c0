/// The words of an answer, the same in every run: as long as tokens are, some with escapes or beyond ASCII.
struct Tokens {
    private static let words = [
        " the", " of", " stream", " a", " token", "ization", " is", " to", ",", ".", " and", " proxies", " in", " that",
        " bytes", " for", "ing", " with", " server", "-sent", " events", " it", " reads", " as", " one", " by", "\n\n",
        " on",
        " \"quoted\"", " café", " über", " 流", " 🌊", "s", " parser", " which", " chunk", " are", " not", " be",
    ]
    private var state: UInt64 = 1

    mutating func next() -> String {
        // SplitMix64
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return Self.words[Int((mixed ^ (mixed >> 31)) % UInt64(Self.words.count))]
    }
}

extension String {
    /// The text as it stands in JSON, without its quotes.
    var inJSON: String {
        var text = ""
        for character in unicodeScalars {
            switch character {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            default: text.unicodeScalars.append(character)
            }
        }
        return text
    }
}
