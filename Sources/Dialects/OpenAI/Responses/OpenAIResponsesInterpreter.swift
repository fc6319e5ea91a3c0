/// Reads OpenAI's responses and what compatible servers make of them.
struct OpenAIResponsesInterpreter: FrameInterpreter {
    private(set) var end: StreamEnd?
    private(set) var hasEnded = false
    var parts = OpenAIResponsesParts()
    /// Where the last event belonged; one that doesn't say belongs there too.
    private var output = 0
    /// Whether there is a response, not only an error.
    private var isResponse = false
    private var isWholeDocument = false

    func start(name: RawSpan, data: RawSpan) -> StreamStart {
        var event = OpenAIResponsesEvent()
        guard event.read(data) else { return StreamStart() }
        let isDocument = event.response.kind != .object && !event.type.isPresent
        return (isDocument ? OpenAIResponse(document: data) : OpenAIResponse(event.response, in: data)).start(in: data)
    }

    mutating func frame(name: RawSpan, data: RawSpan, into events: inout EventBuffer) {
        var event = OpenAIResponsesEvent()
        guard event.read(data) else {
            // The name alone says that it is an error, whatever the data are.
            if name.equals("error", 0..<name.byteCount) { fail(StreamError(openAI: data), into: &events) }
            return
        }
        output = event.outputIndex.integer(in: data) ?? output
        switch event.meaning(name: name, in: data) {
        case .delta(let section):
            append(
                parts.piece(event.deltaText(in: data), section, output: output, index: event.index(section, data)),
                &events
            )
        case .done(let section):
            append(
                parts.whole(event.wholeText(in: data), section, output: output, index: event.index(section, data)),
                &events
            )
        case .argumentsDelta: argumentsDelta(event.delta.argumentText(in: data), at: output, into: &events)
        case .argumentsDone: argumentsDone(event, at: output, data, into: &events)
        case .partAdded, .partDone: part(event, at: output, data, into: &events)
        case .itemAdded: itemAdded(event.item, at: output, data, into: &events)
        case .itemDone: item(event.item, at: output, parts.missing(of: output), data, into: &events)
        case .annotation:
            citation(event.annotation, at: output, event.contentIndex.integer(in: data) ?? 0, data, into: &events)
        case .end(let outcome, let terminal):
            finish(OpenAIResponse(event.response, in: data), outcome, terminal, data, into: &events)
        case .error: fail(event.failure(in: data), into: &events)
        case .nothing: failIfError(event, name, data, into: &events)
        }
        isResponse = isResponse || event.response.kind == .object
    }

    mutating func document(_ data: RawSpan, into events: inout EventBuffer) {
        var event = OpenAIResponsesEvent()
        guard event.read(data) else { return }
        isWholeDocument = true
        let response = OpenAIResponse(document: data)
        if event.object.equals("response", in: data) || !event.object.isPresent && event.output.kind == .array {
            isResponse = true
            finish(response, nil, nil, data, into: &events)
        } else {
            failIfError(event, RawSpan(), data, into: &events)
        }
    }

    mutating func unknownField(name: RawSpan, value: RawSpan, into events: inout EventBuffer) {
        // Old llama.cpp's way of failing, no field of the standard's (R14).
        guard name.equals("error", 0..<name.byteCount) else { return }
        fail(StreamError(openAI: value), into: &events)
    }

    mutating func endOfBody(into events: inout EventBuffer) -> StreamEnd {
        if end == nil { flushCalls(into: &events) }
        return end ?? StreamEnd(state: isWholeDocument ? .complete : .truncated)
    }

    func append(_ delta: TokenDelta?, _ events: inout EventBuffer) {
        if let delta { events.append(.delta(delta)) }
    }
}

/// Ends.
extension OpenAIResponsesInterpreter {
    /// Takes the whole response, which ends the stream if it says or the event's name did how it ended.
    private mutating func finish(
        _ response: OpenAIResponse,
        _ outcome: OpenAIResponse.Outcome?,
        _ terminal: String?,
        _ data: RawSpan,
        into events: inout EventBuffer
    ) {
        wholeOutput(response.output, data, into: &events)
        flushCalls(into: &events)
        // A failure's name is sure; a completion's is believed less than the response itself.
        let own = response.outcome(in: data)
        guard let outcome = outcome == nil || outcome == .completed ? own ?? outcome : outcome else { return }
        let reason = response.finishReason(outcome, hasCalls: !parts.calls.isEmpty, in: data)
        events.append(.finish(choice: 0, reason))
        if let usage = TokenUsage(openAI: response.usage, in: data) { events.append(.usage(usage)) }
        switch outcome {
        // Cut by a limit or not: the protocol's end was seen.
        case .completed, .incomplete: close(StreamEnd(state: .complete, terminal: terminal))
        case .failed: close(StreamEnd(state: .error, terminal: terminal, error: response.failure(in: data)))
        case .cancelled: close(StreamEnd(state: .cancelled, terminal: terminal))
        }
    }

    /// Servers that fail before they know what a response is say it in other shapes (R14). Within an event of a response
    /// it is a tool that failed.
    private mutating func failIfError(
        _ event: OpenAIResponsesEvent,
        _ name: RawSpan,
        _ data: RawSpan,
        into events: inout EventBuffer
    ) {
        guard !event.isOfResponse(in: data) else { return }
        let isError = event.error.isPresent && event.error.isError(in: data)
        if isError || event.object.equals("error", in: data) || name.equals("error", 0..<name.byteCount) {
            fail(event.failure(in: data), into: &events)
        }
    }

    private mutating func fail(_ error: StreamError, into events: inout EventBuffer) {
        guard !hasEnded else { return }
        flushCalls(into: &events)
        // The frame that would say that the response has failed comes behind this one, if at all: nobody waits for it.
        if isResponse { events.append(.finish(choice: 0, FinishReason(raw: "failed", kind: .error))) }
        close(StreamEnd(state: .error, terminal: "error", error: error))
    }

    private mutating func close(_ end: StreamEnd) {
        guard !hasEnded else { return }
        self.end = end
        hasEnded = true
    }
}

extension OpenAIResponsesEvent {
    /// Which text of its item a piece belongs to.
    fileprivate func index(_ section: OpenAIResponsesParts.Section, _ data: RawSpan) -> Int {
        (section == .summary ? summaryIndex : contentIndex).integer(in: data) ?? 0
    }

    fileprivate func deltaText(in data: RawSpan) -> String {
        delta.string(in: data) ?? delta.member("text", in: data).string(in: data) ?? ""
    }

    fileprivate func wholeText(in data: RawSpan) -> String {
        text.string(in: data) ?? refusal.string(in: data) ?? ""
    }

    /// The error of an event of this type: within it, or the event itself.
    fileprivate func failure(in data: RawSpan) -> StreamError {
        if error.isPresent, error.isError(in: data) { return StreamError(openAI: error, in: data) }
        var failure = StreamError(openAI: data)
        // That is the event's type, not the error's.
        if failure.type == "error" { failure.type = nil }
        return failure
    }
}
