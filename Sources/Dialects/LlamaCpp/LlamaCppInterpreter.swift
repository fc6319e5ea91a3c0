/// Reads llama.cpp's own completions.
struct LlamaCppInterpreter: FrameInterpreter {
    private(set) var end: StreamEnd?
    /// The choices that have begun, and whether each has stopped.
    private var stopped: [Int: Bool] = [:]
    /// The counts of the choices that have stopped, added up.
    private var usage: TokenUsage?
    private var isWholeDocument = false

    /// More choices than any request has prompts; a hostile stream's further ones aren't interpreted.
    private static let maximumChoices = 1024

    func start(name: RawSpan, data: RawSpan) -> StreamStart {
        var frame = LlamaCppFrame()
        return StreamStart(model: frame.read(data) ? frame.model.nonEmptyString(in: data) : nil)
    }

    mutating func frame(name: RawSpan, data: RawSpan, into events: inout EventBuffer) {
        var frame = LlamaCppFrame()
        if frame.read(data) {
            interpret(frame, data, into: &events)
        } else if data.equals("[DONE]", data.trimmed(0..<data.byteCount)) {
            // It isn't sent here, but some servers end everything with it.
            finish(StreamEnd(state: .complete, terminal: "[DONE]"))
        }
        if name.equals("error", 0..<name.byteCount) { fail(StreamError(openAI: data)) }
    }

    /// Takes an answer, or the array of them that several prompts get.
    mutating func document(_ data: RawSpan, into events: inout EventBuffer) {
        var scanner = JSONScanner(data)
        guard let value = scanner.nextValue(in: data), scanner.isAtEnd(in: data) else { return }
        var elements = JSONScanner(data, value)
        guard elements.enterArray(in: data) else {
            var frame = LlamaCppFrame()
            guard frame.read(value, data) else { return }
            return answer(frame, data, into: &events)
        }
        while elements.nextElement(in: data), let element = elements.nextValue(in: data) {
            var frame = LlamaCppFrame()
            if frame.read(element, data) { answer(frame, data, into: &events) }
        }
    }

    mutating func unknownField(name: RawSpan, value: RawSpan, into events: inout EventBuffer) {
        // Older builds' way of failing, no field of the standard's (R14).
        if name.equals("error", 0..<name.byteCount) { fail(StreamError(openAI: value)) }
    }

    mutating func endOfBody(into events: inout EventBuffer) -> StreamEnd {
        if let end { return end }
        if isWholeDocument { return StreamEnd(state: .complete) }
        guard !stopped.isEmpty, stopped.values.allSatisfy({ $0 }) else { return StreamEnd(state: .truncated) }
        return StreamEnd(state: .complete, terminal: "stop")
    }

    private mutating func answer(_ frame: LlamaCppFrame, _ data: RawSpan, into events: inout EventBuffer) {
        interpret(frame, data, into: &events)
        if frame.content.isString { isWholeDocument = true }
    }

    private mutating func interpret(_ frame: LlamaCppFrame, _ data: RawSpan, into events: inout EventBuffer) {
        if frame.error.isError(in: data) { return fail(StreamError(openAI: frame.error, in: data)) }
        let choice = frame.index.integer(in: data) ?? 0
        // What follows a choice's last frame isn't its own.
        guard frame.content.isString || frame.stop.kind == .bool, stopped[choice] != true,
            stopped[choice] != nil || stopped.count < Self.maximumChoices
        else { return }
        let isLast = frame.stop.isTrue(in: data)
        stopped[choice] = isLast
        if let text = frame.content.nonEmptyString(in: data) {
            events.append(.delta(TokenDelta(choice: choice, part: 0, content: .text(text))))
        }
        guard isLast else { return }
        if let reason = frame.finishReason(data) { events.append(.finish(choice: choice, reason)) }
        if let usage = frame.usage(data) {
            self.usage = usage.added(to: self.usage)
            events.append(.usage(self.usage ?? usage))
        }
    }

    private mutating func fail(_ error: StreamError) {
        finish(StreamEnd(state: .error, terminal: "error", error: error))
    }

    private mutating func finish(_ end: StreamEnd) {
        if self.end == nil { self.end = end }
    }
}

extension TokenUsage {
    /// The counts of two choices; the object is this one's. A sum that can't be is the largest number.
    fileprivate func added(to other: TokenUsage?) -> TokenUsage {
        guard let other else { return self }
        func sum(_ left: Int?, _ right: Int?) -> Int? {
            guard let left, let right else { return left ?? right }
            let (sum, overflows) = left.addingReportingOverflow(right)
            return overflows ? Int.max : sum
        }
        var both = self
        both.input = sum(input, other.input)
        both.output = sum(output, other.output)
        both.cached = sum(cached, other.cached)
        return both
    }
}
