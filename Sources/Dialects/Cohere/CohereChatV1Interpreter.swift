/// Reads version 1 of Cohere's chat.
struct CohereChatV1Interpreter: FrameInterpreter {
    private(set) var end: StreamEnd?
    private(set) var hasEnded = false
    private var message = CohereMessage()
    private var documents = CohereDocuments()

    func start(name: RawSpan, data: RawSpan) -> StreamStart {
        var event = CohereV1Event()
        guard event.read(data) else { return StreamStart() }
        return StreamStart(id: event.generationID.nonEmptyString(in: data))
    }

    mutating func frame(name: RawSpan, data: RawSpan, into events: inout EventBuffer) {
        var event = CohereV1Event()
        guard event.read(data) else {
            if name.equals("error", 0..<name.byteCount) { fail(StreamError(openAI: data)) }
            return
        }
        func has(_ type: StaticString) -> Bool {
            event.type.isString ? event.type.equals(type, in: data) : name.equals(type, 0..<name.byteCount)
        }
        if has("text-generation") {
            text(event.text, data, into: &events)
        } else if has("tool-calls-chunk") {
            plan(event.text, data, into: &events)
            toolCall(event.toolCallDelta, data, into: &events)
        } else if has("tool-calls-generation") {
            // It repeats what came in chunks, where any came.
            if !message.hasPlan { plan(event.text, data, into: &events) }
            toolCalls(event.toolCalls, data, into: &events)
        } else if has("citation-generation") {
            citations(event.citations, data, into: &events)
        } else if has("search-results") {
            documents.add(event.documents, in: data)
        } else if has("stream-end") {
            // Its text is what came before, once more.
            let response = CohereV1Event(event.response, in: data)
            finish(event, response, "stream-end", data, into: &events)
        } else if has("stream-error") || has("error") {
            fail(StreamError(cohere: event.error, message: event.message, in: data) ?? StreamError(openAI: data))
        } else if !event.type.isString, name.byteCount == 0 {
            whole(event, data, into: &events)
        }
    }

    mutating func document(_ data: RawSpan, into events: inout EventBuffer) {
        var event = CohereV1Event()
        guard event.read(data) else { return }
        whole(event, data, into: &events)
    }

    mutating func endOfBody(into events: inout EventBuffer) -> StreamEnd {
        end ?? StreamEnd(state: .truncated)
    }

    /// Takes an answer that isn't streamed; or an error, which has nothing but its message (R14).
    private mutating func whole(_ event: CohereV1Event, _ data: RawSpan, into events: inout EventBuffer) {
        guard event.text.isString || event.finishReason.isString else {
            if let error = StreamError(cohere: event.error, message: event.message, in: data) { fail(error) }
            return
        }
        let isPlan = event.toolCalls.kind == .array && event.toolCalls.range.count > 2
        if isPlan { plan(event.text, data, into: &events) } else { text(event.text, data, into: &events) }
        toolCalls(event.toolCalls, data, into: &events)
        documents.add(event.documents, in: data)
        citations(event.citations, data, into: &events)
        finish(event, event, nil, data, into: &events)
    }

    private mutating func text(_ value: JSONSlice, _ data: RawSpan, into events: inout EventBuffer) {
        guard let text = value.nonEmptyString(in: data) else { return }
        message.append(.text, text, .content(nil), into: &events)
    }

    /// With tool calls comes text that is no answer: how the model means to get one.
    private mutating func plan(_ value: JSONSlice, _ data: RawSpan, into events: inout EventBuffer) {
        guard let text = value.nonEmptyString(in: data) else { return }
        message.append(.reasoning, text, .plan, into: &events)
    }

    private mutating func toolCall(_ delta: JSONSlice, _ data: RawSpan, into events: inout EventBuffer) {
        guard delta.kind == .object else { return }
        plan(delta.member("text", in: data), data, into: &events)
        let index = delta.member("index", in: data).integer(in: data)
        let name = delta.member("name", in: data).nonEmptyString(in: data)
        let arguments = Self.arguments(delta.member("parameters", in: data), data)
        guard name != nil || !arguments.isEmpty else { return }
        // There are no ids. A name begins a call, unless it only says again whose parameters these are (R21).
        let begins = name.map { arguments.isEmpty || message.isNamed(otherThan: $0, at: index) } ?? false
        message.toolCall(index: index, id: nil, name: name, arguments: arguments, begins: begins, into: &events)
    }

    private mutating func toolCalls(_ calls: JSONSlice, _ data: RawSpan, into events: inout EventBuffer) {
        let known = message.callCount
        var number = 0
        calls.forEachElement(in: data) { call in
            let arguments = Self.arguments(call.member("parameters", in: data), data)
            if number < known {
                message.complete(number, arguments: arguments, into: &events)
            } else if call.kind == .object {
                let name = call.member("name", in: data).nonEmptyString(in: data)
                message.toolCall(
                    index: number,
                    id: nil,
                    name: name,
                    arguments: arguments,
                    begins: true,
                    into: &events
                )
            }
            number += 1
        }
    }

    private static func arguments(_ value: JSONSlice, _ data: RawSpan) -> String {
        value.string(in: data) ?? (value.isPresent ? value.raw(in: data) : "")
    }

    private mutating func citations(_ citations: JSONSlice, _ data: RawSpan, into events: inout EventBuffer) {
        citations.forEachElement(in: data) { value in
            guard value.kind == .object, let part = message.citedPart(nil) else { return }
            let citation = documents.citation(value, in: data)
            events.append(.delta(TokenDelta(choice: 0, part: part, content: .citation(citation))))
        }
    }

    private mutating func finish(
        _ event: CohereV1Event,
        _ response: CohereV1Event,
        _ terminal: String?,
        _ data: RawSpan,
        into events: inout EventBuffer
    ) {
        let reason = event.finishReason.nonEmptyString(in: data) ?? response.finishReason.nonEmptyString(in: data)
        if let reason {
            events.append(.finish(choice: 0, FinishReason(cohere: reason, hasCalls: message.hasCalls)))
        }
        if let usage = TokenUsage(cohere: response.meta, in: data)
            ?? TokenUsage(cohereTokenCount: response.tokenCount, in: data)
        {
            events.append(.usage(usage))
        }
        let error = StreamError(cohere: event.error, message: event.message, in: data)
        finish(StreamEnd(cohere: reason, terminal: terminal, error: error))
    }

    private mutating func fail(_ error: StreamError) {
        finish(StreamEnd(state: .error, terminal: "error", error: error))
    }

    private mutating func finish(_ end: StreamEnd) {
        self.end = end
        hasEnded = true
    }
}
