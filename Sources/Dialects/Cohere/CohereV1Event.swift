/// Where the members of an event of version 1 stand that the interpreter looks at; or those of a whole answer, which are
/// the same as the last event has in its `response`.
struct CohereV1Event {
    var type = JSONSlice.absent
    var generationID = JSONSlice.absent
    var isFinished = JSONSlice.absent
    var text = JSONSlice.absent
    var toolCalls = JSONSlice.absent
    var toolCallDelta = JSONSlice.absent
    var citations = JSONSlice.absent
    var documents = JSONSlice.absent
    var finishReason = JSONSlice.absent
    var response = JSONSlice.absent
    var meta = JSONSlice.absent
    var tokenCount = JSONSlice.absent
    var error = JSONSlice.absent
    var message = JSONSlice.absent

    /// - Returns: false if the data isn't one JSON object; what was found then doesn't count.
    mutating func read(_ data: RawSpan) -> Bool {
        var scanner = JSONScanner(data)
        read(&scanner, data)
        return scanner.isAtEnd(in: data)
    }

    /// Reads the answer that the last event carries.
    init(_ response: JSONSlice, in data: RawSpan) {
        var scanner = JSONScanner(data, response)
        read(&scanner, data)
    }

    init() {}

    private mutating func read(_ scanner: inout JSONScanner, _ data: RawSpan) {
        guard scanner.enterObject(in: data) else { return }
        while let key = scanner.nextKey(in: data), let value = scanner.nextValue(in: data) {
            if key.equals("event_type", in: data) {
                type = value
            } else if key.equals("text", in: data) {
                text = value
            } else if key.equals("is_finished", in: data) {
                isFinished = value
            } else if key.equals("generation_id", in: data) {
                generationID = value
            } else if key.equals("tool_call_delta", in: data) {
                toolCallDelta = value
            } else if key.equals("tool_calls", in: data) {
                toolCalls = value
            } else if key.equals("citations", in: data) {
                citations = value
            } else if key.equals("documents", in: data) {
                documents = value
            } else {
                readEnd(key, value, data)
            }
        }
    }

    private mutating func readEnd(_ key: JSONSlice, _ value: JSONSlice, _ data: RawSpan) {
        if key.equals("finish_reason", in: data) {
            finishReason = value
        } else if key.equals("response", in: data) {
            response = value
        } else if key.equals("meta", in: data) {
            meta = value
        } else if key.equals("token_count", in: data) {
            tokenCount = value
        } else if key.equals("error", in: data) || key.equals("err", in: data) {
            error = value
        } else if key.equals("message", in: data) {
            message = value
        }
    }
}
