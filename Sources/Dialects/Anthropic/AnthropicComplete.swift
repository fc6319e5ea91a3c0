extension Dialect {
    /// Anthropic's text completions, the API before messages.
    ///
    /// The event with a `stop_reason` ends a stream, or an `error`; a body that ends without either is truncated.
    public static let anthropicComplete = Dialect(
        name: "anthropic.complete",
        framing: .serverSentEvents,
        errors: .anthropic,
        matches: { $0.hasSuffix("/v1/complete") },
        recognizes: { AnthropicCompletion.recognizes($1) },
        makeInterpreter: { AnthropicCompleteInterpreter() }
    )
}

/// Reads Anthropic's text completions, whose events say nothing but text and, in the last one, why it ends.
struct AnthropicCompleteInterpreter: FrameInterpreter {
    private(set) var end: StreamEnd?
    private(set) var hasEnded = false

    func start(name: RawSpan, data: RawSpan) -> StreamStart {
        var completion = AnthropicCompletion()
        guard completion.read(data) else { return StreamStart() }
        return StreamStart(
            id: completion.id.nonEmptyString(in: data),
            model: completion.model.nonEmptyString(in: data)
        )
    }

    mutating func frame(name: RawSpan, data: RawSpan, into events: inout EventBuffer) {
        var completion = AnthropicCompletion()
        let isRead = completion.read(data)
        if AnthropicEvent.kind(name: name) == .error || isRead && completion.isError(in: data) {
            finish(
                StreamEnd(
                    state: .error,
                    terminal: "error",
                    error: StreamError(anthropic: isRead ? completion.error : .absent, in: data)
                )
            )
        } else if isRead, completion.isCompletion(in: data) {
            if let text = completion.text.nonEmptyString(in: data) {
                events.append(.delta(TokenDelta(choice: 0, part: 0, content: .text(text))))
            }
            if let reason = completion.stopReason.nonEmptyString(in: data) {
                events.append(.finish(choice: 0, FinishReason(anthropic: reason)))
                finish(StreamEnd(state: .complete, terminal: "stop_reason"))
            }
        }
    }

    mutating func document(_ data: RawSpan, into events: inout EventBuffer) {
        frame(name: RawSpan(), data: data, into: &events)
        // Nothing comes behind a document, so what ended its text ended no stream.
        if end?.state == .complete { end?.terminal = nil }
    }

    mutating func unknownField(name: RawSpan, value: RawSpan, into events: inout EventBuffer) {
        guard name.equals("error", 0..<name.byteCount) else { return }
        finish(StreamEnd(state: .error, terminal: "error", error: StreamError(anthropic: .absent, in: value)))
    }

    mutating func endOfBody(into events: inout EventBuffer) -> StreamEnd {
        end ?? StreamEnd(state: .truncated)
    }

    private mutating func finish(_ end: StreamEnd) {
        guard !hasEnded else { return }
        self.end = end
        hasEnded = true
    }
}

/// Where the members of an event stand; a document has the same.
private struct AnthropicCompletion {
    var type = JSONSlice.absent
    var id = JSONSlice.absent
    var model = JSONSlice.absent
    var text = JSONSlice.absent
    var stopReason = JSONSlice.absent
    var error = JSONSlice.absent

    mutating func read(_ data: RawSpan) -> Bool {
        var scanner = JSONScanner(data)
        guard scanner.enterObject(in: data) else { return false }
        while let key = scanner.nextKey(in: data), let value = scanner.nextValue(in: data) {
            if key.equals("completion", in: data) {
                text = value
            } else if key.equals("stop_reason", in: data) {
                stopReason = value
            } else if key.equals("type", in: data) {
                type = value
            } else if key.equals("id", in: data) {
                id = value
            } else if key.equals("model", in: data) {
                model = value
            } else if key.equals("error", in: data) {
                error = value
            }
        }
        return scanner.isAtEnd(in: data)
    }

    /// The first version of the API, and Bedrock, leave the type out.
    func isCompletion(in data: RawSpan) -> Bool {
        text.isString && (type.equals("completion", in: data) || !type.isPresent)
    }

    func isError(in data: RawSpan) -> Bool {
        type.equals("error", in: data) || !type.isPresent && error.isError(in: data)
    }

    static func recognizes(_ data: RawSpan) -> Bool {
        var completion = Self()
        return completion.read(data) && completion.type.equals("completion", in: data) && completion.text.isString
    }
}
