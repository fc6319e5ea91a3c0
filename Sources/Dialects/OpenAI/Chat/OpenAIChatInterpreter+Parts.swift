/// Content and reasoning that come as arrays of parts.
extension OpenAIChatInterpreter {
    /// Takes content that is an array of parts (Mistral, Databricks).
    mutating func contentParts(
        _ parts: JSONSlice,
        _ slot: Int,
        _ data: RawSpan,
        into events: inout EventBuffer
    ) {
        var scanner = JSONScanner(data, parts)
        guard scanner.enterArray(in: data) else { return }
        while scanner.nextElement(in: data), let value = scanner.nextValue(in: data) {
            var part = ContentPart()
            part.read(value, data)
            if let text = part.text.nonEmptyString(in: data) {
                choices[slot].hasContent = true
                append(.text, text, slot, into: &events)
            } else if let text = part.refusal.nonEmptyString(in: data) {
                append(.refusal, text, slot, into: &events)
            } else if part.type.equals("reference", in: data) || part.type.equals("tool_reference", in: data) {
                cite(Citation(part, value, data), slot, into: &events)
            } else {
                let text = Self.joinedText(part.thinking.isPresent ? part.thinking : part.summary, data)
                if !text.isEmpty { append(.reasoning, text, slot, into: &events) }
            }
        }
    }

    /// Takes OpenRouter's details of reasoning, where nothing else has its text.
    mutating func reasoningDetails(
        _ details: JSONSlice,
        _ slot: Int,
        _ data: RawSpan,
        into events: inout EventBuffer
    ) {
        var scanner = JSONScanner(data, details)
        guard scanner.enterArray(in: data) else { return }
        while scanner.nextElement(in: data), let value = scanner.nextValue(in: data) {
            var part = ContentPart()
            part.read(value, data)
            if let text = part.text.nonEmptyString(in: data) ?? part.summary.nonEmptyString(in: data) {
                append(.reasoning, text, slot, into: &events)
            }
        }
    }

    /// The text of a thinking part: a string, or an array of text parts.
    private static func joinedText(_ value: JSONSlice, _ data: RawSpan) -> String {
        if let text = value.string(in: data) { return text }
        var text = ""
        var scanner = JSONScanner(data, value)
        guard scanner.enterArray(in: data) else { return text }
        while scanner.nextElement(in: data), let part = scanner.nextValue(in: data) {
            text += part.member("text", in: data).string(in: data) ?? ""
        }
        return text
    }
}

/// Where the members of one part of content stand, of whatever type it is.
struct ContentPart {
    var type = JSONSlice.absent
    var text = JSONSlice.absent
    var refusal = JSONSlice.absent
    var thinking = JSONSlice.absent
    var summary = JSONSlice.absent
    var url = JSONSlice.absent
    var title = JSONSlice.absent

    mutating func read(_ value: JSONSlice, _ data: RawSpan) {
        var scanner = JSONScanner(data, value)
        guard scanner.enterObject(in: data) else { return }
        while let key = scanner.nextKey(in: data), let value = scanner.nextValue(in: data) {
            if key.equals("type", in: data) {
                type = value
            } else if key.equals("text", in: data) {
                text = value
            } else if key.equals("refusal", in: data) {
                refusal = value
            } else if key.equals("thinking", in: data) {
                thinking = value
            } else if key.equals("summary", in: data) {
                summary = value
            } else if key.equals("url", in: data) {
                url = value
            } else if key.equals("title", in: data) {
                title = value
            }
        }
    }
}
