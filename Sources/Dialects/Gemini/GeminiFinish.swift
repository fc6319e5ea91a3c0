extension FinishReason {
    /// Reads Gemini's `finishReason`.
    ///
    /// - Parameter hasToolCalls: whether functions were called, which Gemini has no word for.
    init(gemini word: String, hasToolCalls: Bool) {
        let kind: Kind =
            switch word.knownWord {
            case "STOP": hasToolCalls ? .toolCalls : .stop
            case "MAX_TOKENS": .length
            case "SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "MODEL_ARMOR", "IMAGE_SAFETY",
                "IMAGE_PROHIBITED_CONTENT", "IMAGE_RECITATION":
                .contentFilter
            case "MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS", "MALFORMED_RESPONSE",
                "MISSING_THOUGHT_SIGNATURE":
                .error
            default: .other
            }
        self.init(raw: word, kind: kind)
    }
}
