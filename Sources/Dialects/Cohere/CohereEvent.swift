/// Where the members of an event of version 2 stand that the interpreter looks at; or those of a whole answer.
///
/// What a whole answer has in `message`, an event has in `delta.message`, and only a part of it.
struct CohereEvent {
    var type = JSONSlice.absent
    var id = JSONSlice.absent
    var index = JSONSlice.absent
    var content = JSONSlice.absent
    var toolPlan = JSONSlice.absent
    var toolCalls = JSONSlice.absent
    var citations = JSONSlice.absent
    var finishReason = JSONSlice.absent
    var usage = JSONSlice.absent
    var error = JSONSlice.absent
    /// A text where an answer has its message: what went wrong.
    var errorMessage = JSONSlice.absent
    var hasDelta = false
    var hasMessage = false

    /// - Returns: false if the data isn't one JSON object; what was found then doesn't count.
    mutating func read(_ data: RawSpan) -> Bool {
        var scanner = JSONScanner(data)
        guard scanner.enterObject(in: data) else { return false }
        while let key = scanner.nextKey(in: data) {
            if key.equals("delta", in: data), scanner.enterObject(in: data) {
                hasDelta = true
                readDelta(&scanner, data)
                continue
            }
            if key.equals("message", in: data), scanner.enterObject(in: data) {
                hasMessage = true
                readMessage(&scanner, data)
                continue
            }
            guard let value = scanner.nextValue(in: data) else { return false }
            if key.equals("type", in: data) {
                type = value
            } else if key.equals("index", in: data) {
                index = value
            } else if key.equals("id", in: data) {
                id = value
            } else if key.equals("message", in: data) {
                errorMessage = value
            } else {
                readEnd(key, value, data)
            }
        }
        return scanner.isAtEnd(in: data)
    }

    private mutating func readDelta(_ scanner: inout JSONScanner, _ data: RawSpan) {
        while let key = scanner.nextKey(in: data) {
            if key.equals("message", in: data), scanner.enterObject(in: data) {
                readMessage(&scanner, data)
            } else if let value = scanner.nextValue(in: data) {
                readEnd(key, value, data)
            }
        }
    }

    private mutating func readMessage(_ scanner: inout JSONScanner, _ data: RawSpan) {
        while let key = scanner.nextKey(in: data), let value = scanner.nextValue(in: data) {
            if key.equals("content", in: data) {
                content = value
            } else if key.equals("tool_calls", in: data) {
                toolCalls = value
            } else if key.equals("citations", in: data) {
                citations = value
            } else if key.equals("tool_plan", in: data) {
                toolPlan = value
            }
        }
    }

    /// The last event has these in its `delta`, a whole answer at the top.
    private mutating func readEnd(_ key: JSONSlice, _ value: JSONSlice, _ data: RawSpan) {
        if key.equals("finish_reason", in: data) {
            finishReason = value
        } else if key.equals("usage", in: data) {
            usage = value
        } else if key.equals("error", in: data) {
            error = value
        }
    }
}

extension JSONSlice {
    /// Calls `body` with the elements of an array, or with the value itself if it is none.
    ///
    /// Events have one content, call or citation where a whole answer has an array of them.
    func forEachElement(in data: RawSpan, _ body: (JSONSlice) -> Void) {
        guard kind == .array else {
            if isPresent { body(self) }
            return
        }
        var scanner = JSONScanner(data, self)
        guard scanner.enterArray(in: data) else { return }
        while scanner.nextElement(in: data), let element = scanner.nextValue(in: data) { body(element) }
    }
}
