/// Reads the formats of invoked models that are text and counts.
struct BedrockTextInterpreter: FrameInterpreter {
    /// None of them has an end but the body's.
    var end: StreamEnd? { nil }
    private var choices: [ChoiceState] = []
    private var inputCount: Int?
    private var isComplete = false

    /// More answers than any model gives; a hostile stream's further ones aren't interpreted.
    private static let maximumChoices = 1024

    mutating func frame(name: RawSpan, data: RawSpan, into events: inout EventBuffer) {
        guard data.wholeJSON != nil else { return }
        let chunk = BedrockTextChunk(data)
        var isLast = false
        for piece in chunk.pieces { isLast = take(piece, data, into: &events) || isLast }
        inputCount = chunk.inputCount.count(in: data) ?? inputCount
        // A guardrail's own words in the model's place come without a reason, and cost no tokens.
        if isLast { usage(chunk, data, into: &events) }
        if isLast || chunk.isIntervened { isComplete = true }
    }

    mutating func document(_ data: RawSpan, into events: inout EventBuffer) {
        frame(name: RawSpan(), data: data, into: &events)
        isComplete = true
    }

    mutating func endOfBody(into events: inout EventBuffer) -> StreamEnd {
        StreamEnd(state: isComplete ? .complete : .truncated)
    }

    /// - Returns: whether it ends its choice.
    private mutating func take(
        _ piece: BedrockTextChunk.Piece,
        _ data: RawSpan,
        into events: inout EventBuffer
    ) -> Bool {
        guard let slot = slot(of: piece.index) else { return false }
        if let text = piece.reasoning.nonEmptyString(in: data) {
            let part = choices[slot].part(for: .reasoning)
            events.append(.delta(TokenDelta(choice: piece.index, part: part, content: .reasoning(text))))
        }
        if let text = piece.text.nonEmptyString(in: data) {
            let part = choices[slot].part(for: .text)
            events.append(.delta(TokenDelta(choice: piece.index, part: part, content: .text(text))))
        }
        var scanner = JSONScanner(data, piece.toolCalls)
        if scanner.enterArray(in: data) {
            while scanner.nextElement(in: data), let call = scanner.nextValue(in: data) {
                toolCall(call, slot, data, into: &events)
            }
        }
        guard let reason = piece.finish.nonEmptyString(in: data) else { return false }
        if choices[slot].finishReason?.hasSameBytes(as: reason) != true {
            choices[slot].finishReason = reason
            events.append(.finish(choice: piece.index, FinishReason(bedrock: reason)))
        }
        return true
    }

    private mutating func toolCall(_ call: JSONSlice, _ slot: Int, _ data: RawSpan, into events: inout EventBuffer) {
        let function = call.member("function", in: data)
        let arguments = function.member("arguments", in: data)
        let delta = choices[slot].toolCall(
            index: call.member("index", in: data).integer(in: data),
            id: call.member("id", in: data).nonEmptyString(in: data),
            name: function.member("name", in: data).nonEmptyString(in: data),
            arguments: arguments.string(in: data) ?? (arguments.isPresent ? arguments.raw(in: data) : "")
        )
        if let delta { events.append(.delta(delta)) }
    }

    /// Tells the model's own counts; Bedrock's metrics, which usually come in the same chunk, replace them.
    private func usage(_ chunk: BedrockTextChunk, _ data: RawSpan, into events: inout EventBuffer) {
        if let usage = TokenUsage(openAI: chunk.usage, in: data) {
            events.append(.usage(usage))
            return
        }
        let output = chunk.outputCount.count(in: data)
        guard inputCount != nil || output != nil else { return }
        var raw: [UInt8] = []
        raw.append(verbatim: #"{"inputTokenCount":"#)
        raw.appendJSON(integer: inputCount)
        raw.append(verbatim: #","outputTokenCount":"#)
        raw.appendJSON(integer: output)
        raw.append(verbatim: "}")
        events.append(
            .usage(TokenUsage(input: inputCount, output: output, raw: String(decoding: raw, as: UTF8.self)))
        )
    }

    /// The place of a choice in `choices`, or nil where there are too many.
    private mutating func slot(of index: Int) -> Int? {
        if index >= 0, index < choices.count, choices[index].index == index { return index }
        guard choices.count < Self.maximumChoices else { return nil }
        if let slot = choices.firstIndex(where: { $0.index == index }) { return slot }
        choices.append(ChoiceState(index: index))
        return choices.count - 1
    }
}
