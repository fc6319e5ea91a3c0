/// Reads version 2 of Cohere's chat.
struct CohereChatInterpreter: FrameInterpreter {
    private(set) var end: StreamEnd?
    private(set) var hasEnded = false
    private var message = CohereMessage()

    func start(name: RawSpan, data: RawSpan) -> StreamStart {
        var event = CohereEvent()
        guard event.read(data) else { return StreamStart() }
        return StreamStart(id: event.id.nonEmptyString(in: data))
    }

    mutating func frame(name: RawSpan, data: RawSpan, into events: inout EventBuffer) {
        var event = CohereEvent()
        guard event.read(data) else {
            if name.equals("error", 0..<name.byteCount) { fail(StreamError(openAI: data)) }
            return
        }
        // The data's own word goes before the event's name; deployments leave out one or the other.
        func has(_ type: StaticString) -> Bool {
            event.type.isString ? event.type.equals(type, in: data) : name.equals(type, 0..<name.byteCount)
        }
        let index = event.index.integer(in: data)
        if has("content-delta") || has("content-start") {
            content(event.content, index, data, into: &events)
        } else if has("tool-call-delta") {
            toolCalls(event.toolCalls, index, data, begins: false, into: &events)
        } else if has("tool-call-start") {
            toolCalls(event.toolCalls, index, data, begins: true, into: &events)
        } else if has("tool-plan-delta") {
            plan(event.toolPlan, data, into: &events)
        } else if has("citation-start") {
            citations(event.citations, data, into: &events)
        } else if has("message-start") {
            whole(event, data, into: &events)
        } else if has("message-end") {
            finish(event, "message-end", data, into: &events)
        } else if has("error") || !event.type.isString && name.byteCount == 0 {
            failIfError(event, data, isError: has("error"))
        }
    }

    mutating func document(_ data: RawSpan, into events: inout EventBuffer) {
        var event = CohereEvent()
        guard event.read(data) else { return }
        guard event.hasMessage else { return failIfError(event, data, isError: false) }
        whole(event, data, into: &events)
        finish(event, nil, data, into: &events)
    }

    mutating func endOfBody(into events: inout EventBuffer) -> StreamEnd {
        end ?? StreamEnd(state: .truncated)
    }

    /// Takes all that a message has, in the order in which a stream brings it.
    private mutating func whole(_ event: CohereEvent, _ data: RawSpan, into events: inout EventBuffer) {
        plan(event.toolPlan, data, into: &events)
        var index = 0
        event.content.forEachElement(in: data) { element in
            content(element, index, data, into: &events)
            index += 1
        }
        index = 0
        event.toolCalls.forEachElement(in: data) { element in
            toolCalls(element, index, data, begins: true, into: &events)
            index += 1
        }
        citations(event.citations, data, into: &events)
    }

    private mutating func content(
        _ content: JSONSlice,
        _ index: Int?,
        _ data: RawSpan,
        into events: inout EventBuffer
    ) {
        if let text = content.nonEmptyString(in: data) {
            message.append(.text, text, .content(index), into: &events)
        }
        var scanner = JSONScanner(data, content)
        guard scanner.enterObject(in: data) else { return }
        while let key = scanner.nextKey(in: data), let value = scanner.nextValue(in: data) {
            if key.equals("text", in: data), let text = value.nonEmptyString(in: data) {
                message.append(.text, text, .content(index), into: &events)
            } else if key.equals("thinking", in: data), let text = value.nonEmptyString(in: data) {
                message.append(.reasoning, text, .content(index), into: &events)
            }
        }
    }

    /// The plan is the model's thinking of the calls that it makes, not its answer.
    private mutating func plan(_ plan: JSONSlice, _ data: RawSpan, into events: inout EventBuffer) {
        guard let text = plan.nonEmptyString(in: data) else { return }
        message.append(.reasoning, text, .plan, into: &events)
    }

    private mutating func toolCalls(
        _ calls: JSONSlice,
        _ index: Int?,
        _ data: RawSpan,
        begins: Bool,
        into events: inout EventBuffer
    ) {
        calls.forEachElement(in: data) { call in
            guard call.kind == .object else { return }
            let function = call.member("function", in: data)
            let arguments = function.member("arguments", in: data)
            message.toolCall(
                index: index,
                id: call.member("id", in: data).nonEmptyString(in: data),
                name: function.member("name", in: data).nonEmptyString(in: data),
                arguments: arguments.string(in: data) ?? (arguments.isPresent ? arguments.raw(in: data) : ""),
                begins: begins,
                into: &events
            )
        }
    }

    private mutating func citations(_ citations: JSONSlice, _ data: RawSpan, into events: inout EventBuffer) {
        citations.forEachElement(in: data) { value in
            guard value.kind == .object else { return }
            // What is cited may be the plan; the number of a block is given only where there are several.
            let isPlan = value.member("type", in: data).equals("PLAN", in: data)
            let index = value.member("content_index", in: data).integer(in: data)
            let key: CohereMessage.Block? = isPlan ? .plan : index.map { .content($0) }
            guard let part = message.citedPart(key) else { return }
            let content = TokenDelta.Content.citation(Citation(cohere: value, in: data))
            events.append(.delta(TokenDelta(choice: 0, part: part, content: content)))
        }
    }

    private mutating func finish(
        _ event: CohereEvent,
        _ terminal: String?,
        _ data: RawSpan,
        into events: inout EventBuffer
    ) {
        let reason = event.finishReason.nonEmptyString(in: data)
        if let reason {
            events.append(.finish(choice: 0, FinishReason(cohere: reason, hasCalls: message.hasCalls)))
        }
        if let usage = TokenUsage(cohere: event.usage, in: data) { events.append(.usage(usage)) }
        let error = StreamError(cohere: event.error, message: event.errorMessage, in: data)
        finish(StreamEnd(cohere: reason, terminal: terminal, error: error))
    }

    /// Takes an error that no event announces: it may be all there is (R14).
    private mutating func failIfError(_ event: CohereEvent, _ data: RawSpan, isError: Bool) {
        if let error = StreamError(cohere: event.error, message: event.errorMessage, in: data) {
            fail(error)
        } else if isError {
            fail(StreamError(openAI: data))
        }
    }

    private mutating func fail(_ error: StreamError) {
        finish(StreamEnd(state: .error, terminal: "error", error: error))
    }

    private mutating func finish(_ end: StreamEnd) {
        self.end = end
        hasEnded = true
    }
}
