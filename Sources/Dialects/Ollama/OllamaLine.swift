/// Where the members of a line stand that the interpreter looks at: of a chat's, and of a completion's.
///
/// Both put what is said in one place each, and share all else. So one reader does for both.
struct OllamaLine {
    var model = JSONSlice.absent
    var created = JSONSlice.absent
    /// A chat's message.
    var message = JSONSlice.absent
    /// A completion's text.
    var response = JSONSlice.absent
    var content = JSONSlice.absent
    var thinking = JSONSlice.absent
    var toolCalls = JSONSlice.absent
    var done = JSONSlice.absent
    var doneReason = JSONSlice.absent
    var promptCount = JSONSlice.absent
    var count = JSONSlice.absent
    var duration = JSONSlice.absent
    var error = JSONSlice.absent

    /// Whether a server of this kind may have written it.
    var isOllama: Bool {
        done.kind == .bool || message.kind == .object || response.isString || error.isPresent
    }

    /// Whether only a server of this kind writes such a line.
    var isOllamaAlone: Bool { model.isString && created.isString && done.kind == .bool }

    func isDone(in data: RawSpan) -> Bool {
        done.kind == .bool && data.equals("true", done.range)
    }

    /// - Returns: false if the data isn't one JSON object; what was found then doesn't count.
    mutating func read(_ data: RawSpan) -> Bool {
        var scanner = JSONScanner(data)
        guard scanner.enterObject(in: data) else { return false }
        while let key = scanner.nextKey(in: data), let value = scanner.nextValue(in: data) {
            if key.equals("message", in: data) {
                message = value
                readMessage(data)
            } else if key.equals("response", in: data) {
                response = value
            } else if key.equals("model", in: data) {
                model = value
            } else if key.equals("created_at", in: data) {
                created = value
            } else if key.equals("done", in: data) {
                done = value
            } else if key.equals("thinking", in: data) {
                thinking = value
            } else if key.equals("tool_calls", in: data) {
                toolCalls = value
            } else if key.equals("done_reason", in: data) {
                doneReason = value
            } else if key.equals("prompt_eval_count", in: data) {
                promptCount = value
            } else if key.equals("eval_count", in: data) {
                count = value
            } else if key.equals("total_duration", in: data) {
                duration = value
            } else if key.equals("error", in: data) {
                error = value
            }
        }
        return scanner.isAtEnd(in: data)
    }

    private mutating func readMessage(_ data: RawSpan) {
        var scanner = JSONScanner(data, message)
        guard scanner.enterObject(in: data) else { return }
        while let key = scanner.nextKey(in: data), let value = scanner.nextValue(in: data) {
            if key.equals("content", in: data) {
                content = value
            } else if key.equals("thinking", in: data) {
                thinking = value
            } else if key.equals("tool_calls", in: data) {
                toolCalls = value
            }
        }
    }
}
