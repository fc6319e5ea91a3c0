/// From the members of a chunk to events.
extension OpenAIChatInterpreter {
    mutating func interpret(_ chunk: OpenAIChatChunk, _ data: RawSpan, into events: inout EventBuffer) {
        var choiceUsage = JSONSlice.absent
        if chunk.choiceCount > 0 {
            interpret(chunk.choice, data, into: &events)
            choiceUsage = chunk.choice.usage
            for choice in chunk.moreChoices {
                interpret(choice, data, into: &events)
                if choice.usage.isPresent { choiceUsage = choice.usage }
            }
        }
        if chunk.searchResults.isPresent || chunk.citations.isPresent { sources(of: chunk, data, into: &events) }
        guard chunk.usage.isPresent || chunk.groq.isPresent || choiceUsage.isPresent else { return }
        // Usage may come with any chunk, and where a server gives it twice both say the same (R18).
        if let usage = TokenUsage(openAI: chunk.usage, in: data)
            ?? TokenUsage(openAI: chunk.groq.member("usage", in: data), in: data)
            ?? TokenUsage(openAI: choiceUsage, in: data)
        {
            events.append(.usage(usage))
        }
    }

    private mutating func interpret(_ choice: OpenAIChatChoice, _ data: RawSpan, into events: inout EventBuffer) {
        guard let slot = slot(of: choice.index) else { return }
        if choice.hasDelta {
            choices[slot].hasDeltas = true
            content(of: choice, slot, data, into: &events)
        } else if choice.message.kind == .object {
            // Behind deltas it says again what they said (Perplexity's last chunk).
            if !choices[slot].hasDeltas {
                var whole = choice
                whole.readMessage(data)
                content(of: whole, slot, data, into: &events)
            }
        } else if let text = choice.text.nonEmptyString(in: data) {
            append(.text, text, slot, into: &events)
        }
        if let reason = choice.finishReason.nonEmptyString(in: data),
            choices[slot].finishReason?.hasSameBytes(as: reason) != true
        {
            choices[slot].finishReason = reason
            let finish = FinishReason(openAI: reason)
            if finish.kind == .error { hasFailedChoice = true }
            events.append(.finish(choice: choices[slot].index, finish))
        }
    }

    private mutating func content(
        of choice: OpenAIChatChoice,
        _ slot: Int,
        _ data: RawSpan,
        into events: inout EventBuffer
    ) {
        // Servers that give several of these give the same text in each.
        if let text = choice.reasoningContent.nonEmptyString(in: data) ?? choice.reasoning.nonEmptyString(in: data) {
            append(.reasoning, text, slot, into: &events)
        } else if choice.reasoningDetails.kind == .array {
            reasoningDetails(choice.reasoningDetails, slot, data, into: &events)
        }
        if let text = choice.content.nonEmptyString(in: data) {
            choices[slot].hasContent = true
            append(.text, text, slot, into: &events)
        } else if choice.content.kind == .array {
            contentParts(choice.content, slot, data, into: &events)
        } else if choice.audio.kind == .object, !choices[slot].hasContent,
            let text = choice.audio.member("transcript", in: data).nonEmptyString(in: data)
        {
            // The words of a spoken answer, which has no others.
            append(.text, text, slot, into: &events)
        }
        if let text = choice.refusal.nonEmptyString(in: data) {
            append(.refusal, text, slot, into: &events)
        }
        if choice.annotations.kind == .array { annotations(choice.annotations, slot, data, into: &events) }
        toolCalls(choice.toolCalls, slot, data, into: &events)
        if choice.functionCall.kind == .object { functionCall(choice.functionCall, slot, data, into: &events) }
    }

    mutating func append(
        _ kind: MessageFold.Part.Kind,
        _ text: String,
        _ slot: Int,
        into events: inout EventBuffer
    ) {
        let content: TokenDelta.Content =
            switch kind {
            case .reasoning: .reasoning(text)
            case .refusal: .refusal(text)
            default: .text(text)
            }
        let part = choices[slot].part(for: kind)
        events.append(.delta(TokenDelta(choice: choices[slot].index, part: part, content: content)))
    }
}
