/// Reads Anthropic's messages, with or without the events' names: Bedrock and Vertex stream the same objects.
struct AnthropicInterpreter: FrameInterpreter {
    private(set) var end: StreamEnd?
    private(set) var hasEnded = false
    var blocks = AnthropicBlocks()
    private var usage = MergedJSONObject()
    /// Whether a count of the whole answer has come.
    private var hasOutput = false
    /// The last reason that was told, so that a repeated one isn't.
    private var stopReason: String?
    /// Whether there was a frame yet.
    private var hasBegun = false
    private var isWholeDocument = false

    func start(name: RawSpan, data: RawSpan) -> StreamStart {
        var scanner = JSONScanner(data)
        guard let value = scanner.nextValue(in: data), scanner.isAtEnd(in: data) else { return StreamStart() }
        let message = value.member("message", in: data)
        return AnthropicMessage(message.kind == .object ? message : value, in: data).start(in: data)
    }

    mutating func frame(name: RawSpan, data: RawSpan, into events: inout EventBuffer) {
        let isFirst = !hasBegun
        hasBegun = true
        var event = AnthropicEvent()
        let isRead = event.read(data)
        guard isRead || data.isBlank || AnthropicEvent.kind(name: name) == .error else { return }
        // The name alone says that it is an error, whatever the data are; else the type within the data counts.
        let named = AnthropicEvent.kind(name: name)
        switch isRead && named != .error ? event.kind(name: name, in: data) : named {
        case .blockDelta:
            blocks.delta(event.delta, index: event.index.integer(in: data), data, into: &events)
        case .blockStart:
            blocks.start(event.contentBlock, index: event.index.integer(in: data), data, into: &events)
        case .blockStop:
            blocks.stop(index: event.index.integer(in: data), into: &events)
        case .messageStart where event.message.kind == .object:
            begin(AnthropicMessage(event.message, in: data), isFirst: isFirst, data, into: &events)
        case .messageDelta:
            finish(event.delta.stopReason, data, into: &events)
            count(event.usage, isWhole: true, data, into: &events)
        case .messageStop:
            blocks.stopAll(into: &events)
            finish(StreamEnd(state: .complete, terminal: "message_stop"))
        case .error:
            fail(isRead ? event.error : .absent, data, into: &events)
        case .messageStart, .other:
            break
        }
    }

    mutating func document(_ data: RawSpan, into events: inout EventBuffer) {
        hasBegun = true
        var scanner = JSONScanner(data)
        guard let value = scanner.nextValue(in: data), scanner.isAtEnd(in: data) else { return }
        let message = AnthropicMessage(value, in: data)
        if message.type.equals("error", in: data) || message.error.isError(in: data) {
            fail(message.error, data, into: &events)
        } else if message.content.kind == .array {
            isWholeDocument = true
            take(message, isWhole: true, data, into: &events)
        }
    }

    mutating func unknownField(name: RawSpan, value: RawSpan, into events: inout EventBuffer) {
        guard name.equals("error", 0..<name.byteCount) else { return }
        fail(.absent, value, into: &events)
    }

    mutating func endOfBody(into events: inout EventBuffer) -> StreamEnd {
        // A stop reason doesn't end a message: only `message_stop` tells that nothing was lost behind it.
        if end == nil, !isWholeDocument { blocks.giveInput(into: &events) }
        return end ?? StreamEnd(state: isWholeDocument ? .complete : .truncated)
    }

    /// Takes the start of a message. A second one is a retry of the provider's or of a gateway's: all begins anew.
    private mutating func begin(
        _ message: AnthropicMessage,
        isFirst: Bool,
        _ data: RawSpan,
        into events: inout EventBuffer
    ) {
        if !isFirst {
            // So it is where something else came first: the stream's start couldn't tell the id and the model.
            blocks = AnthropicBlocks()
            usage.removeAll()
            hasOutput = false
            stopReason = nil
            events.append(.restart(message.start(in: data)))
        }
        take(message, isWhole: message.stopReason.isPresent, data, into: &events)
    }

    /// Takes what a message has already: all of it in a document, and in streams where the provider hadn't to wait.
    private mutating func take(
        _ message: AnthropicMessage,
        isWhole: Bool,
        _ data: RawSpan,
        into events: inout EventBuffer
    ) {
        var scanner = JSONScanner(data, message.content)
        var index = 0
        if scanner.enterArray(in: data) {
            while scanner.nextElement(in: data), let block = scanner.nextValue(in: data) {
                blocks.start(block, index: index, data, into: &events)
                blocks.stop(index: index, into: &events)
                index += 1
            }
        }
        finish(message.stopReason, data, into: &events)
        count(message.usage, isWhole: isWhole, data, into: &events)
    }

    /// Takes the reason to stop, which ends the message's blocks.
    private mutating func finish(_ reason: JSONSlice, _ data: RawSpan, into events: inout EventBuffer) {
        guard let reason = reason.nonEmptyString(in: data), stopReason?.hasSameBytes(as: reason) != true else { return }
        blocks.stopAll(into: &events)
        stopReason = reason
        events.append(.finish(choice: 0, FinishReason(anthropic: reason)))
    }

    /// Takes counts, which are cumulative: they take the place of those before, member by member (R19).
    private mutating func count(
        _ piece: JSONSlice,
        isWhole: Bool,
        _ data: RawSpan,
        into events: inout EventBuffer
    ) {
        let known = (usage, hasOutput)
        usage.merge(piece, in: data)
        hasOutput = hasOutput || isWhole && piece.member("output_tokens", in: data).kind == .number
        guard known != (usage, hasOutput) else { return }
        events.append(.usage(TokenUsage(anthropic: usage, hasOutput: hasOutput)))
    }

    private mutating func fail(_ error: JSONSlice, _ data: RawSpan, into events: inout EventBuffer) {
        blocks.giveInput(into: &events)
        finish(StreamEnd(state: .error, terminal: "error", error: StreamError(anthropic: error, in: data)))
    }

    private mutating func finish(_ end: StreamEnd) {
        guard !hasEnded else { return }
        self.end = end
        hasEnded = true
    }
}
