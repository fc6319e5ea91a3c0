/// Reads Gemini's responses: each is a whole one, with the piece that is new in it.
struct GeminiInterpreter: FrameInterpreter {
    private(set) var end: StreamEnd?
    private(set) var hasEnded = false
    var choices: [GeminiChoice] = []
    /// Why the prompt wasn't answered.
    private var blockReason: String?
    private var isWholeDocument = false
    private var stray = GeminiStrayLines()

    /// More candidates than any model makes; a hostile stream's further ones aren't interpreted.
    private static let maximumChoices = 1024

    func start(name: RawSpan, data: RawSpan) -> StreamStart {
        var chunk = GeminiChunk()
        guard chunk.read(data) else { return StreamStart() }
        return StreamStart(id: chunk.id.nonEmptyString(in: data), model: chunk.model.nonEmptyString(in: data))
    }

    mutating func frame(name: RawSpan, data: RawSpan, into events: inout EventBuffer) {
        var chunk = GeminiChunk()
        if chunk.read(data) {
            interpret(chunk, data, into: &events)
        } else if data.equals("[DONE]", data.trimmed(0..<data.byteCount)) {
            // Not Gemini's, but its imitators' (R12). It says no more than the end of the body does.
            if isComplete { finish(StreamEnd(state: .complete, terminal: "[DONE]"), into: &events) }
        } else {
            elements(data, into: &events)
        }
        if name.byteCount > 0, name.equals("error", 0..<name.byteCount) { fail(StreamError(gemini: data)) }
    }

    mutating func document(_ data: RawSpan, into events: inout EventBuffer) {
        var chunk = GeminiChunk()
        guard chunk.read(data) else { return elements(data, into: &events) }
        interpret(chunk, data, into: &events)
        isWholeDocument = chunk.hasCandidates || chunk.feedback.isPresent || chunk.usage.isPresent
    }

    mutating func unknownField(name: RawSpan, value: RawSpan, into events: inout EventBuffer) {
        // An error that strikes mid-stream may come as bare JSON over many lines, which no field of the standard is.
        if let error = stray.add(name, value) { fail(error) }
    }

    mutating func endOfBody(into events: inout EventBuffer) -> StreamEnd {
        if let end { return end }
        let end = StreamEnd(state: isComplete ? .complete : .truncated)
        finish(end, into: &events)
        return end
    }

    /// Takes an array within a frame: of one error (R14), or of all responses where a document was announced.
    private mutating func elements(_ data: RawSpan, into events: inout EventBuffer) {
        var check = JSONScanner(data)
        guard check.nextValue(in: data)?.kind == .array, check.isAtEnd(in: data) else { return }
        var scanner = JSONScanner(data)
        guard scanner.enterArray(in: data) else { return }
        while !hasEnded, scanner.nextElement(in: data), let element = scanner.nextValue(in: data) {
            var chunk = GeminiChunk()
            if chunk.read(element, data) { interpret(chunk, data, into: &events) }
        }
    }

    private mutating func interpret(_ chunk: GeminiChunk, _ data: RawSpan, into events: inout EventBuffer) {
        if chunk.candidateCount > 0 {
            interpret(chunk.candidate, data, into: &events)
            for candidate in chunk.moreCandidates { interpret(candidate, data, into: &events) }
        }
        if let usage = TokenUsage(gemini: chunk.usage, in: data) { events.append(.usage(usage)) }
        if let reason = chunk.feedback.member("blockReason", in: data).nonEmptyString(in: data) { blockReason = reason }
        if chunk.error.isError(in: data) { fail(StreamError(gemini: chunk.error, in: data)) }
    }

    private mutating func interpret(_ candidate: GeminiCandidate, _ data: RawSpan, into events: inout EventBuffer) {
        guard let slot = slot(of: candidate.index) else { return }
        if candidate.parts.kind == .array { parts(candidate.parts, slot, data, into: &events) }
        if candidate.grounding.kind == .object { grounding(candidate.grounding, slot, data, into: &events) }
        if candidate.citations.kind == .object { citations(candidate.citations, slot, data, into: &events) }
        // Older models give it with every response: what counts is the last one, and that it came at all.
        if !candidate.finishReason.equals("FINISH_REASON_UNSPECIFIED", in: data),
            let reason = candidate.finishReason.nonEmptyString(in: data)
        {
            choices[slot].finishReason = reason
        }
    }

    /// Whether the stream would be whole if its body ended now.
    private var isComplete: Bool {
        isWholeDocument || blockReason != nil || choices.contains { $0.finishReason != nil }
    }

    /// Tells why each choice ended, which only the end of all makes sure.
    private mutating func finish(_ end: StreamEnd, into events: inout EventBuffer) {
        for slot in choices.indices {
            guard let reason = choices[slot].finishReason else { continue }
            closeCall(slot, into: &events)
            let finish = FinishReason(gemini: reason, hasToolCalls: choices[slot].callCount > 0)
            events.append(.finish(choice: choices[slot].index, finish))
        }
        if let blockReason, choices.first(where: { $0.index == 0 })?.finishReason == nil {
            events.append(.finish(choice: 0, FinishReason(raw: blockReason, kind: .contentFilter)))
        }
        self.end = end
        hasEnded = true
    }

    private mutating func fail(_ error: StreamError) {
        guard !hasEnded else { return }
        end = StreamEnd(state: .error, terminal: "error", error: error)
        hasEnded = true
    }

    /// The place of a candidate in `choices`, or nil where there are too many.
    private mutating func slot(of index: Int) -> Int? {
        if index >= 0, index < choices.count, choices[index].index == index { return index }
        guard choices.count < Self.maximumChoices else { return nil }
        if let slot = choices.firstIndex(where: { $0.index == index }) { return slot }
        choices.append(GeminiChoice(index: index))
        return choices.count - 1
    }
}
