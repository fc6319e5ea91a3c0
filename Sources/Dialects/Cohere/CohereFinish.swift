extension FinishReason {
    /// Reads Cohere's word.
    ///
    /// - Parameter hasCalls: whether tools were called: version 1's word is then the usual one.
    init(cohere word: String, hasCalls: Bool) {
        let kind: Kind =
            switch word.knownWord {
            case "COMPLETE", "STOP_SEQUENCE": hasCalls ? .toolCalls : .stop
            case "MAX_TOKENS", "ERROR_LIMIT": .length
            case "TOOL_CALL": .toolCalls
            case "ERROR_TOXIC": .contentFilter
            case "ERROR", "TIMEOUT": .error
            default: .other
            }
        self.init(raw: word, kind: kind)
    }
}

extension StreamEnd {
    /// How an answer ended that has a reason to finish: some of these are failures (R14).
    ///
    /// - Parameters:
    ///   - reason: Cohere's word, nil where there was none.
    ///   - error: what went wrong, in the server's words; nil where it says nothing.
    init(cohere reason: String?, terminal: String?, error: StreamError?) {
        switch reason?.knownWord {
        case "ERROR", "ERROR_TOXIC", "ERROR_LIMIT", "TIMEOUT":
            var error = error ?? StreamError(message: "the generation ended with \(reason ?? "")")
            error.type = error.type ?? reason
            self.init(state: .error, terminal: terminal, error: error)
        default:
            self.init(state: error == nil ? .complete : .error, terminal: terminal, error: error)
        }
    }
}

extension StreamError {
    /// Reads what an event, or an answer, says of its failure.
    ///
    /// - Returns: nil where neither says anything.
    init?(cohere error: JSONSlice, message: JSONSlice, in bytes: RawSpan) {
        if error.isPresent, error.isError(in: bytes) {
            self.init(openAI: error, in: bytes)
        } else if let text = message.nonEmptyString(in: bytes) {
            self.init(message: text)
        } else {
            return nil
        }
    }
}
