/// The answers to the questions that are asked most.
extension MessageFold {
    /// The text of the first choice.
    public var text: String { text(choice: 0) }

    /// The reasoning of the first choice.
    public var reasoning: String { reasoning(choice: 0) }

    /// The refusal of the first choice.
    public var refusal: String { joined(.refusal, choice: 0) }

    /// The tool calls of the first choice, in the order in which they began.
    public var toolCalls: [ToolCall] { toolCalls(choice: 0) }

    /// The sources of the first choice's texts, in the order in which they came.
    public var citations: [Citation] { choice(0)?.parts.flatMap(\.citations) ?? [] }

    /// Why the first choice ended, in the provider's own word.
    public var finishReason: String? { choice(0)?.finishReason }

    public func choice(_ index: Int) -> Choice? {
        choices.first { $0.index == index }
    }

    public func text(choice index: Int) -> String { joined(.text, choice: index) }

    public func reasoning(choice index: Int) -> String { joined(.reasoning, choice: index) }

    public func toolCalls(choice index: Int) -> [ToolCall] {
        (choice(index)?.parts ?? []).filter { $0.kind == .toolCall }.map {
            ToolCall(id: $0.id, name: $0.name, arguments: $0.text)
        }
    }

    private func joined(_ kind: Part.Kind, choice index: Int) -> String {
        guard let parts = choice(index)?.parts else { return "" }
        // Most answers have one part of a kind: its text is then shared, not copied.
        var text = ""
        for part in parts where part.kind == kind {
            if text.isEmpty { text = part.text } else { text += part.text }
        }
        return text
    }
}
