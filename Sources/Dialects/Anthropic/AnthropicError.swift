extension StreamError {
    /// Reads an error as Anthropic words it, or as a gateway before it does (R14).
    ///
    /// - Parameter value: the object with `type` and `message`; where it is absent, the frame's data are the error.
    init(anthropic value: JSONSlice, in data: RawSpan) {
        if value.isPresent {
            self.init(openAI: value, in: data)
        } else {
            self.init(openAI: data)
            // That it is one, not of which kind.
            if type == "error" { type = nil }
        }
        status = status ?? type.flatMap(Self.anthropicStatus)
    }

    /// The HTTP status that an error of this type has where it comes before the stream.
    private static func anthropicStatus(_ type: String) -> Int? {
        switch type.knownWord {
        case "invalid_request_error": 400
        case "authentication_error": 401
        case "billing_error": 402
        case "permission_error": 403
        case "not_found_error": 404
        case "request_too_large": 413
        case "rate_limit_error": 429
        case "api_error": 500
        case "timeout_error": 504
        case "overloaded_error": 529
        default: nil
        }
    }
}

extension FinishReason {
    /// Reads Anthropic's word.
    init(anthropic word: String) {
        let kind: Kind =
            switch word.knownWord {
            case "end_turn", "stop_sequence": .stop
            case "max_tokens", "model_context_window_exceeded": .length
            case "tool_use": .toolCalls
            case "refusal": .contentFilter
            // `pause_turn` has no counterpart: the caller is to send the answer back, and it goes on.
            default: .other
            }
        self.init(raw: word, kind: kind)
    }
}
