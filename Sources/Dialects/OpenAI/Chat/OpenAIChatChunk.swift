/// Where the members of a chunk stand that the interpreter looks at. The values themselves are read later.
///
/// Finding them reads the chunk to its end, each byte once; so a malformed one is known before any of it was believed.
struct OpenAIChatChunk {
    var id = JSONSlice.absent
    var model = JSONSlice.absent
    var object = JSONSlice.absent
    var usage = JSONSlice.absent
    var groq = JSONSlice.absent
    var error = JSONSlice.absent
    /// Random filling that hides how long the text is.
    var padding = JSONSlice.absent
    /// Whether there is an array of choices, be it empty.
    var hasChoices = false
    var choiceCount = 0
    /// The first choice; most chunks have no other.
    var choice = OpenAIChatChoice()
    /// The others.
    var moreChoices: [OpenAIChatChoice] = []

    /// Reads a chunk. The values found fill a struct in place: as a result it would be copied more than it is read.
    ///
    /// - Parameter isDocument: whether the choices hold whole messages, not deltas.
    /// - Returns: false if the data isn't one JSON object; what was found then doesn't count.
    mutating func read(_ data: RawSpan, isDocument: Bool = false) -> Bool {
        var scanner = JSONScanner(data)
        guard scanner.enterObject(in: data) else { return false }
        while let key = scanner.nextKey(in: data) {
            if key.equals("choices", in: data) {
                readChoices(&scanner, data, isDocument)
                continue
            }
            guard let value = scanner.nextValue(in: data) else { return false }
            if key.equals("id", in: data) {
                id = value
            } else if key.equals("model", in: data) {
                model = value
            } else if key.equals("object", in: data) {
                object = value
            } else if key.equals("usage", in: data) {
                usage = value
            } else if key.equals("error", in: data) {
                error = value
            } else if key.equals("x_groq", in: data) {
                groq = value
            } else if key.equals("obfuscation", in: data) || key.equals("p", in: data) {
                padding = value
            }
        }
        return scanner.isAtEnd(in: data)
    }

    private mutating func readChoices(_ scanner: inout JSONScanner, _ data: RawSpan, _ isDocument: Bool) {
        // Should a name be repeated, the last one counts, as with most JSON readers.
        if choiceCount > 0 { choice = OpenAIChatChoice() }
        choiceCount = 0
        if !moreChoices.isEmpty { moreChoices = [] }
        guard scanner.enterArray(in: data) else {
            _ = scanner.nextValue(in: data)
            return
        }
        hasChoices = true
        var position = 0
        while scanner.nextElement(in: data) {
            if scanner.enterObject(in: data) {
                choiceCount += 1
                if choiceCount == 1 {
                    choice.read(&scanner, data, position: position, isDocument)
                } else {
                    moreChoices.append(OpenAIChatChoice())
                    moreChoices[choiceCount - 2].read(&scanner, data, position: position, isDocument)
                }
            } else {
                _ = scanner.nextValue(in: data)
            }
            position += 1
        }
    }
}

/// Where the members of one choice stand, those of its delta among them.
struct OpenAIChatChoice {
    var index = 0
    var finishReason = JSONSlice.absent
    var usage = JSONSlice.absent
    var content = JSONSlice.absent
    var reasoningContent = JSONSlice.absent
    var reasoning = JSONSlice.absent
    var refusal = JSONSlice.absent
    var toolCalls = JSONSlice.absent
    var functionCall = JSONSlice.absent

    /// Reads a choice that the scanner has just entered.
    mutating func read(_ scanner: inout JSONScanner, _ data: RawSpan, position: Int, _ isDocument: Bool) {
        index = position
        var isIndexed = false
        while let key = scanner.nextKey(in: data) {
            // Streams carry `delta`; some servers add a `message` that repeats it.
            if key.equals("delta", in: data) || isDocument && key.equals("message", in: data) {
                readDelta(&scanner, data, &isIndexed)
                continue
            }
            guard let value = scanner.nextValue(in: data) else { return }
            if key.equals("index", in: data) {
                guard let index = value.integer(in: data) else { continue }
                self.index = index
                isIndexed = true
            } else if key.equals("finish_reason", in: data) {
                finishReason = value
            } else if key.equals("usage", in: data) {
                usage = value
            }
        }
    }

    private mutating func readDelta(_ scanner: inout JSONScanner, _ data: RawSpan, _ isIndexed: inout Bool) {
        guard scanner.enterObject(in: data) else {
            _ = scanner.nextValue(in: data)
            return
        }
        while let key = scanner.nextKey(in: data), let value = scanner.nextValue(in: data) {
            if key.equals("content", in: data) {
                content = value
            } else if key.equals("tool_calls", in: data) {
                toolCalls = value
            } else if key.equals("reasoning_content", in: data) {
                reasoningContent = value
            } else if key.equals("reasoning", in: data) {
                reasoning = value
            } else if key.equals("refusal", in: data) {
                refusal = value
            } else if key.equals("function_call", in: data) {
                functionCall = value
            } else if !isIndexed, key.equals("index", in: data), let index = value.integer(in: data) {
                // Some servers put it here; the choice's own, where there is one, goes first.
                self.index = index
            }
        }
    }
}
