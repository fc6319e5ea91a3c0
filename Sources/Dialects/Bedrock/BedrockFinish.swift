extension FinishReason {
    /// Reads the word of Converse, or of one of the model families that Bedrock serves in their own formats.
    init(bedrock word: String) {
        let kind: Kind =
            switch word.knownWord {
            case "end_turn", "stop_sequence", "stop", "FINISH", "FINISHED", "STOP_CRITERIA_MET", "STOP_SEQUENCE",
                "COMPLETE", "endoftext":
                .stop
            case "max_tokens", "model_context_window_exceeded", "length", "LENGTH", "MAX_TOKENS", "ERROR_LIMIT":
                .length
            case "tool_use", "tool_calls", "TOOL_CALL": .toolCalls
            case "guardrail_intervened", "content_filtered", "content_filter", "CONTENT_FILTERED", "ERROR_TOXIC":
                .contentFilter
            case "malformed_model_output", "malformed_tool_use", "error", "ERROR": .error
            default: .other
            }
        self.init(raw: word, kind: kind)
    }
}
