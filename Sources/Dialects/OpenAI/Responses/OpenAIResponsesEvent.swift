/// Where the members of an event stand that the interpreter looks at. A document, which is a response and no event, is
/// read with it too: it has some of these.
struct OpenAIResponsesEvent {
    var type = JSONSlice.absent
    var outputIndex = JSONSlice.absent
    var contentIndex = JSONSlice.absent
    var summaryIndex = JSONSlice.absent
    var delta = JSONSlice.absent
    var text = JSONSlice.absent
    var refusal = JSONSlice.absent
    var arguments = JSONSlice.absent
    var input = JSONSlice.absent
    var item = JSONSlice.absent
    var part = JSONSlice.absent
    var annotation = JSONSlice.absent
    var response = JSONSlice.absent
    var error = JSONSlice.absent
    var object = JSONSlice.absent
    var output = JSONSlice.absent

    /// Reads an event to its end, so that a malformed one is known before any of it was believed.
    ///
    /// - Returns: false if the data isn't one JSON object; what was found then doesn't count.
    mutating func read(_ data: RawSpan) -> Bool {
        var scanner = JSONScanner(data)
        guard scanner.enterObject(in: data) else { return false }
        while let key = scanner.nextKey(in: data) {
            guard let value = scanner.nextValue(in: data) else { return false }
            if key.equals("type", in: data) {
                type = value
            } else if key.equals("delta", in: data) {
                delta = value
            } else if key.equals("output_index", in: data) {
                outputIndex = value
            } else if key.equals("content_index", in: data) {
                contentIndex = value
            } else if key.equals("summary_index", in: data) {
                summaryIndex = value
            } else if key.equals("item", in: data) {
                item = value
            } else if key.equals("part", in: data) {
                part = value
            } else if key.equals("text", in: data) {
                text = value
            } else if key.equals("refusal", in: data) {
                refusal = value
            } else if key.equals("arguments", in: data) {
                arguments = value
            } else if key.equals("input", in: data) {
                input = value
            } else if key.equals("annotation", in: data) {
                annotation = value
            } else if key.equals("response", in: data) {
                response = value
            } else if key.equals("error", in: data) {
                error = value
            } else if key.equals("object", in: data) {
                object = value
            } else if key.equals("output", in: data) {
                output = value
            }
        }
        return scanner.isAtEnd(in: data)
    }
}

extension OpenAIResponsesEvent {
    /// What an event's name says that it brings.
    enum Meaning {
        /// A piece of a text.
        case delta(OpenAIResponsesParts.Section)
        /// The whole of a text.
        case done(OpenAIResponsesParts.Section)
        case argumentsDelta
        case argumentsDone
        /// The beginning of a text, which may be empty.
        case partAdded
        case partDone
        case itemAdded
        case itemDone
        case annotation
        case end(OpenAIResponse.Outcome, terminal: String)
        case error
        /// Progress, what hosted tools do, and what isn't known.
        case nothing
    }

    /// What the event brings: its type tells, and where it has none its name.
    func meaning(name: RawSpan, in data: RawSpan) -> Meaning {
        switch type.kind {
        case .string: Self.meaning(data.extracting(type.range.lowerBound + 1..<type.range.upperBound - 1))
        case .escapedString: Self.meaning(Array((type.string(in: data) ?? "").utf8))
        default: Self.meaning(name)
        }
    }

    private static func meaning(_ word: [UInt8]) -> Meaning { meaning(word.span.bytes) }

    private static func meaning(_ word: RawSpan) -> Meaning {
        if word.isAll("response.output_text.delta") { return .delta(.text) }
        if word.isAll("response.function_call_arguments.delta") { return .argumentsDelta }
        if word.isAll("response.reasoning_summary_text.delta") { return .delta(.summary) }
        if word.isAll("response.reasoning_text.delta") { return .delta(.reasoning) }
        if word.isAll("response.refusal.delta") { return .delta(.refusal) }
        if word.isAll("response.custom_tool_call_input.delta") { return .argumentsDelta }
        if word.isAll("response.output_item.added") { return .itemAdded }
        if word.isAll("response.output_item.done") { return .itemDone }
        if word.isAll("response.content_part.added") { return .partAdded }
        if word.isAll("response.content_part.done") { return .partDone }
        if word.isAll("response.output_text.done") { return .done(.text) }
        if word.isAll("response.output_text.annotation.added") { return .annotation }
        if word.isAll("response.function_call_arguments.done") { return .argumentsDone }
        if word.isAll("response.reasoning_summary_part.added") { return .partAdded }
        if word.isAll("response.reasoning_summary_part.done") { return .partDone }
        if word.isAll("response.reasoning_summary_text.done") { return .done(.summary) }
        if word.isAll("response.reasoning_text.done") { return .done(.reasoning) }
        if word.isAll("response.refusal.done") { return .done(.refusal) }
        if word.isAll("response.custom_tool_call_input.done") { return .argumentsDone }
        if word.isAll("response.completed") { return .end(.completed, terminal: "response.completed") }
        if word.isAll("response.incomplete") { return .end(.incomplete, terminal: "response.incomplete") }
        if word.isAll("response.failed") { return .end(.failed, terminal: "response.failed") }
        if word.isAll("error") || word.isAll("response.error") { return .error }
        return other(word)
    }

    /// Names that OpenAI doesn't use, or no longer does, and compatible servers do.
    private static func other(_ word: RawSpan) -> Meaning {
        if word.isAll("response.reasoning.delta") { return .delta(.reasoning) }
        if word.isAll("response.reasoning.done") { return .done(.reasoning) }
        if word.isAll("response.reasoning_summary.delta") { return .delta(.summary) }
        if word.isAll("response.reasoning_summary.done") { return .done(.summary) }
        if word.isAll("response.reasoning_part.added") { return .partAdded }
        if word.isAll("response.reasoning_part.done") { return .partDone }
        if word.isAll("response.cancelled") { return .end(.cancelled, terminal: "response.cancelled") }
        if word.isAll("response.done") { return .end(.completed, terminal: "response.done") }
        return .nothing
    }
}

extension RawSpan {
    fileprivate func isAll(_ text: StaticString) -> Bool { equals(text, 0..<byteCount) }
}
