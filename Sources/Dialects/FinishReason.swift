/// Why a choice ended: in the provider's own word, and in OpenAI's, which the others' are translated into.
public struct FinishReason: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable {
        /// The answer is whole, or came to a stop sequence.
        case stop
        /// A limit cut it.
        case length
        case toolCalls = "tool_calls"
        case functionCall = "function_call"
        /// The provider withheld the rest.
        case contentFilter = "content_filter"
        case error
        /// A word without a counterpart.
        case other
    }

    /// As it stood on the wire.
    public var raw: String
    public var kind: Kind

    public init(raw: String, kind: Kind) {
        self.raw = raw
        self.kind = kind
    }

    /// Reads OpenAI's word, or one of a compatible server.
    public init(openAI word: String) {
        let kind: Kind =
            switch word.knownWord {
            // Mistral, xAI and vLLM have words of their own for some.
            case "stop", "eos", "end_turn", "stop_sequence": .stop
            case "length", "model_length", "max_tokens": .length
            default: Kind(rawValue: word.knownWord) ?? .other
            }
        self.init(raw: word, kind: kind)
    }

    /// The word for clients that know OpenAI's; the provider's own where it has no counterpart.
    public var openAI: String { kind == .other ? raw : kind.rawValue }
}

extension String {
    /// The text to look up among known words: itself, or nothing where it is longer than any.
    ///
    /// Strings are compared by their characters, and a run of combining marks costs the square of its length then.
    var knownWord: String { utf8.count <= 64 ? self : "" }
}
