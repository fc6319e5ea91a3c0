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
        // Servers that give both names give the same text twice.
        if let text = choice.reasoningContent.nonEmptyString(in: data) ?? choice.reasoning.nonEmptyString(in: data) {
            append(.reasoning, text, slot, into: &events)
        }
        if let text = choice.content.nonEmptyString(in: data) {
            append(.text, text, slot, into: &events)
        } else if choice.content.kind == .array {
            contentParts(choice.content, slot, data, into: &events)
        }
        if let text = choice.refusal.nonEmptyString(in: data) {
            append(.refusal, text, slot, into: &events)
        }
        if choice.toolCalls.kind == .array { toolCalls(choice.toolCalls, slot, data, into: &events) }
        if choice.functionCall.kind == .object { functionCall(choice.functionCall, slot, data, into: &events) }
        if let reason = choice.finishReason.nonEmptyString(in: data), choices[slot].finishReason != reason {
            choices[slot].finishReason = reason
            events.append(.finish(choice: choices[slot].index, FinishReason(openAI: reason)))
        }
    }

    /// Takes content that is an array of parts (Mistral).
    private mutating func contentParts(
        _ parts: JSONSlice,
        _ slot: Int,
        _ data: RawSpan,
        into events: inout EventBuffer
    ) {
        var scanner = JSONScanner(data, parts)
        guard scanner.enterArray(in: data) else { return }
        while scanner.nextElement(in: data), let part = scanner.nextValue(in: data) {
            if let text = part.member("text", in: data).nonEmptyString(in: data) {
                append(.text, text, slot, into: &events)
            } else if let text = part.member("refusal", in: data).nonEmptyString(in: data) {
                append(.refusal, text, slot, into: &events)
            } else {
                let text = thought(part.member("thinking", in: data), data)
                if !text.isEmpty { append(.reasoning, text, slot, into: &events) }
            }
        }
    }

    /// A thinking part's text: a string, or an array of text parts.
    private func thought(_ thinking: JSONSlice, _ data: RawSpan) -> String {
        if let text = thinking.string(in: data) { return text }
        var text = ""
        var scanner = JSONScanner(data, thinking)
        guard scanner.enterArray(in: data) else { return text }
        while scanner.nextElement(in: data), let part = scanner.nextValue(in: data) {
            text += part.member("text", in: data).string(in: data) ?? ""
        }
        return text
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
