/// Where the members of one choice stand, those of its delta among them.
struct OpenAIChatChoice {
    var index = 0
    var finishReason = JSONSlice.absent
    var usage = JSONSlice.absent
    var error = JSONSlice.absent
    /// The whole message of a document. Some servers put one beside the delta, with all that was said so far.
    var message = JSONSlice.absent
    /// The text of a completion, which has neither.
    var text = JSONSlice.absent
    var hasDelta = false

    var content = JSONSlice.absent
    var reasoningContent = JSONSlice.absent
    var reasoning = JSONSlice.absent
    var reasoningDetails = JSONSlice.absent
    var refusal = JSONSlice.absent
    var audio = JSONSlice.absent
    var annotations = JSONSlice.absent
    var toolCalls = JSONSlice.absent
    var functionCall = JSONSlice.absent

    /// Reads a choice that the scanner has just entered.
    mutating func read(_ scanner: inout JSONScanner, _ data: RawSpan, position: Int) {
        index = position
        var isIndexed = false
        while let key = scanner.nextKey(in: data) {
            if key.equals("delta", in: data) {
                hasDelta = readDelta(&scanner, data, &isIndexed)
                continue
            }
            guard let value = scanner.nextValue(in: data) else { return }
            if key.equals("index", in: data) {
                guard let index = value.integer(in: data) else { continue }
                self.index = index
                isIndexed = true
            } else if key.equals("finish_reason", in: data) {
                finishReason = value
            } else if key.equals("text", in: data) {
                text = value
            } else if key.equals("message", in: data) {
                message = value
            } else if key.equals("usage", in: data) {
                usage = value
            } else if key.equals("error", in: data) {
                error = value
            }
        }
    }

    /// Takes the message for the delta.
    mutating func readMessage(_ data: RawSpan) {
        var scanner = JSONScanner(data, message)
        var isIndexed = true
        _ = readDelta(&scanner, data, &isIndexed)
    }

    private mutating func readDelta(_ scanner: inout JSONScanner, _ data: RawSpan, _ isIndexed: inout Bool) -> Bool {
        guard scanner.enterObject(in: data) else {
            _ = scanner.nextValue(in: data)
            return false
        }
        while let key = scanner.nextKey(in: data), let value = scanner.nextValue(in: data) {
            if key.equals("content", in: data) {
                content = value
            } else if key.equals("tool_calls", in: data) {
                toolCalls = value
            } else if key.equals("reasoning_content", in: data) {
                reasoningContent = value
            } else if key.equals("reasoning", in: data) || key.equals("reasoning_text", in: data) {
                // OpenRouter's name, Groq's and vLLM's; and GitHub's.
                reasoning = value
            } else if key.equals("refusal", in: data) {
                refusal = value
            } else if key.equals("reasoning_details", in: data) {
                reasoningDetails = value
            } else if key.equals("annotations", in: data) {
                annotations = value
            } else if key.equals("audio", in: data) {
                audio = value
            } else if key.equals("function_call", in: data) {
                functionCall = value
            } else if !isIndexed, key.equals("index", in: data), let index = value.integer(in: data) {
                // Some servers put it here; the choice's own, where there is one, goes first.
                self.index = index
            }
        }
        return true
    }
}
