/// Reads OpenAI's chat completions and what compatible servers make of them.
struct OpenAIChatInterpreter: FrameInterpreter {
    private(set) var end: StreamEnd?
    private(set) var hasEnded = false
    var choices: [ChoiceState] = []
    var citations = CitationMemory()
    /// Whether a choice ended because the model failed.
    var hasFailedChoice = false
    private var isWholeDocument = false
    private var template = OpenAIChatTemplate()

    /// More choices than any server gives; a hostile stream's further ones aren't interpreted.
    private static let maximumChoices = 1024

    func start(name: RawSpan, data: RawSpan) -> StreamStart {
        var chunk = OpenAIChatChunk()
        guard chunk.read(data) else { return StreamStart() }
        return StreamStart(id: chunk.id.nonEmptyString(in: data), model: chunk.model.nonEmptyString(in: data))
    }

    mutating func frame(name: RawSpan, data: RawSpan, into events: inout EventBuffer) {
        let isNamedError = name.byteCount > 0 && name.equals("error", 0..<name.byteCount)
        if !isNamedError, let text = template.match(data) {
            append(template.kind, text.string(in: data) ?? "", template.slot, into: &events)
            return
        }
        var chunk = OpenAIChatChunk()
        if chunk.read(data) {
            let count = events.events.count
            interpret(chunk, data, into: &events)
            failIfError(chunk, data)
            if events.events.count == count + 1, !hasEnded { learn(chunk, data) }
        } else if data.equals("[DONE]", data.trimmed(0..<data.byteCount)) {
            // Exactly this, white space aside: as a part of the data it is the model's own words (R7).
            finish(hasFailedChoice ? failure("[DONE]") : StreamEnd(state: .complete, terminal: "[DONE]"))
        }
        // The name alone says that it is an error, whatever the data are.
        if isNamedError { fail(StreamError(openAI: data)) }
    }

    mutating func document(_ data: RawSpan, into events: inout EventBuffer) {
        var chunk = OpenAIChatChunk()
        guard chunk.read(data) else { return }
        interpret(chunk, data, into: &events)
        failIfError(chunk, data)
        // An answer has choices; what has none and says something is a server's word for what went wrong.
        if !chunk.hasChoices, chunk.message.isPresent || chunk.detail.isPresent { fail(StreamError(openAI: data)) }
        isWholeDocument = chunk.hasChoices
    }

    mutating func unknownField(name: RawSpan, value: RawSpan, into events: inout EventBuffer) {
        // Old llama.cpp's way of failing, no field of the standard's (R14).
        guard name.equals("error", 0..<name.byteCount) else { return }
        fail(StreamError(openAI: value))
    }

    mutating func endOfBody(into events: inout EventBuffer) -> StreamEnd {
        // A stream is complete by its `[DONE]` alone; a document by being one.
        end ?? (hasFailedChoice ? failure(nil) : StreamEnd(state: isWholeDocument ? .complete : .truncated))
    }

    /// Learns a chunk that yielded one event, if that was a piece of text and nothing in it depends on what came before.
    private mutating func learn(_ chunk: OpenAIChatChunk, _ data: RawSpan) {
        let choice = chunk.choice
        guard chunk.choiceCount == 1, choice.message.kind != .object, !choice.finishReason.isText,
            choice.functionCall.kind != .object, choice.toolCalls.kind != .object,
            choice.toolCalls.kind != .array || choice.toolCalls.range.count == 2,
            let slot = slot(of: choice.index)
        else { return }
        // Of one event there is one source, unless both names of reasoning are used.
        let source: (text: JSONSlice, kind: MessageFold.Part.Kind)
        switch (choice.content.isText, choice.reasoningContent.isText, choice.reasoning.isText) {
        case (true, false, false): source = (choice.content, .text)
        case (false, true, false): source = (choice.reasoningContent, .reasoning)
        case (false, false, true): source = (choice.reasoning, .reasoning)
        case (false, false, false) where !choice.hasDelta && choice.text.isText: source = (choice.text, .text)
        default: return
        }
        template.learn(data, text: source.text, padding: chunk.padding, kind: source.kind, slot: slot)
    }

    private mutating func failIfError(_ chunk: OpenAIChatChunk, _ data: RawSpan) {
        if chunk.error.isError(in: data) {
            fail(StreamError(openAI: chunk.error, in: data))
        } else if chunk.object.equals("error", in: data) {
            fail(StreamError(openAI: data))
        } else if chunk.choice.error.isError(in: data) {
            fail(StreamError(openAI: chunk.choice.error, in: data))
        } else if chunk.groq.isPresent {
            let error = chunk.groq.member("error", in: data)
            if error.isError(in: data) { fail(StreamError(openAI: error, in: data)) }
        }
    }

    private mutating func fail(_ error: StreamError) {
        finish(StreamEnd(state: .error, terminal: "error", error: error))
    }

    /// The end of a stream whose model failed, and whose server had no more to say of it than that.
    private func failure(_ terminal: String?) -> StreamEnd {
        StreamEnd(state: .error, terminal: terminal, error: StreamError(message: "the model stopped with an error"))
    }

    private mutating func finish(_ end: StreamEnd) {
        guard !hasEnded else { return }
        self.end = end
        hasEnded = true
    }

    /// The place of a choice in `choices`, or nil where there are too many.
    mutating func slot(of index: Int) -> Int? {
        if index >= 0, index < choices.count, choices[index].index == index { return index }
        // Where there are more than any server gives, the further ones aren't looked for either.
        guard choices.count < Self.maximumChoices else { return nil }
        if let slot = choices.firstIndex(where: { $0.index == index }) { return slot }
        choices.append(ChoiceState(index: index))
        return choices.count - 1
    }
}

extension JSONSlice {
    /// Whether this is a string that isn't empty.
    fileprivate var isText: Bool { isString && range.count > 2 }
}
