extension Dialect {
    /// OpenAI's text completions, the API before chat, and Writer's, which has the same path.
    public static let openAICompletions = Dialect(
        name: "openai.completions",
        framing: .serverSentEvents,
        errors: .openAI,
        matches: { $0.hasSuffix("/completions") },
        recognizes: { _, data in
            var chunk = OpenAIChatChunk()
            guard chunk.read(data) else { return false }
            return chunk.object.equals("text_completion", in: data)
                || !chunk.choice.hasDelta && chunk.choice.text.isString && chunk.model.isString
        },
        model: { azureDeployment(in: $0) },
        makeInterpreter: { OpenAICompletionsInterpreter() }
    )
}

/// Reads text completions: chunks like those of chat, but that a choice has its text where chat has a delta.
struct OpenAICompletionsInterpreter: FrameInterpreter {
    private var chat = OpenAIChatInterpreter()
    /// Whether the stream has been Writer's, whose pieces are `{"value":…}` and which nothing ends but its body's end.
    private var isWriters = false

    var end: StreamEnd? { chat.end }
    var hasEnded: Bool { chat.hasEnded }

    func start(name: RawSpan, data: RawSpan) -> StreamStart { chat.start(name: name, data: data) }

    mutating func frame(name: RawSpan, data: RawSpan, into events: inout EventBuffer) {
        let count = events.events.count
        chat.frame(name: name, data: data, into: &events)
        if events.events.count == count, !hasEnded, isWriters || chat.choices.isEmpty { value(data, into: &events) }
    }

    mutating func document(_ data: RawSpan, into events: inout EventBuffer) {
        chat.document(data, into: &events)
    }

    mutating func unknownField(name: RawSpan, value: RawSpan, into events: inout EventBuffer) {
        chat.unknownField(name: name, value: value, into: &events)
    }

    mutating func endOfBody(into events: inout EventBuffer) -> StreamEnd {
        isWriters && !hasEnded ? StreamEnd(state: .complete) : chat.endOfBody(into: &events)
    }

    private mutating func value(_ data: RawSpan, into events: inout EventBuffer) {
        var scanner = JSONScanner(data)
        guard let object = scanner.nextValue(in: data), scanner.isAtEnd(in: data) else { return }
        guard let text = object.member("value", in: data).string(in: data), let slot = chat.slot(of: 0) else { return }
        isWriters = true
        if !text.isEmpty { chat.append(.text, text, slot, into: &events) }
    }
}
