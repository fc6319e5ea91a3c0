/// Adds up the events of a stream: what the answer is so far, or was in the end.
public struct MessageFold: Sendable, Hashable {
    /// One of the answers, where a request asked for several.
    public struct Choice: Sendable, Hashable {
        public var index: Int
        /// In the order in which they first appeared.
        public var parts: [Part] = []
        /// Why it ended, nil while it goes on.
        public var finish: FinishReason?

        /// The provider's own word for why it ended.
        public var finishReason: String? { finish?.raw }
    }

    /// A run of text of one kind, or a tool call.
    public struct Part: Sendable, Hashable {
        public enum Kind: String, Sendable, Hashable {
            case text
            case reasoning
            case refusal
            case toolCall
        }

        /// The number that the deltas gave it.
        public var number: Int
        public var kind: Kind
        /// The text; for a tool call its arguments, as JSON text.
        public var text = ""
        /// A tool call's id, where the provider gives one.
        public var id: String?
        /// A tool call's name.
        public var name: String?
        /// The sources of a text, in the order in which they came.
        public var citations: [Citation] = []
    }

    /// A whole tool call.
    public struct ToolCall: Sendable, Hashable {
        public var id: String?
        public var name: String?
        /// JSON text; a stream that broke off may leave half of it.
        public var arguments: String

        public init(id: String? = nil, name: String? = nil, arguments: String = "") {
            self.id = id
            self.name = name
            self.arguments = arguments
        }
    }

    public private(set) var start: StreamStart?
    /// In the order of their index.
    public private(set) var choices: [Choice] = []
    /// Member by member the last count given; nil where none was.
    public private(set) var usage: TokenUsage?
    public private(set) var end: StreamEnd?
    /// Whether something was said that a restart made void.
    public private(set) var hasVoided = false
    /// Whether there was more text than is kept; then the parts have its beginning.
    public private(set) var isCut = false
    private let textLimit: Int
    private var textSize = 0

    /// - Parameter textLimit: how many bytes of text are kept, over all parts, names and sources included. The fold of a
    ///   stream that may never end needs one; without, all is kept.
    public init(textLimit: Int = .max) {
        self.textLimit = textLimit
    }

    public init(_ events: some Sequence<TokenEvent>) {
        self.init()
        for event in events { add(event) }
    }

    public mutating func add(_ event: TokenEvent) {
        switch event {
        case .start(let start): self.start = start
        case .restart(let start): restart(start)
        case .delta(let delta): add(delta)
        case .usage(let usage): add(usage)
        case .finish(let choice, let reason): choices[slot(choice)].finish = reason
        case .opaque: break
        case .end(let end): self.end = end
        }
    }

    /// Adds the events from an index on. Nearly all of them are pieces of the answer, which are taken straight from where
    /// they lie: to copy an event first costs a third of what adding it does.
    ///
    /// - Returns: how many are pieces of the answer.
    package mutating func add(_ events: borrowing [TokenEvent], from first: Int) -> Int {
        var count = 0
        for index in first..<events.count {
            if case .delta(let delta) = events[index] {
                add(delta)
                count += 1
            } else {
                add(events[index])
            }
        }
        return count
    }

    private mutating func add(_ delta: TokenDelta) {
        guard hasRoom(for: delta) else { return }
        let choice = slot(delta.choice)
        switch delta.content {
        case .text(let text): choices[choice].append(text, .text, delta.part)
        case .reasoning(let text): choices[choice].append(text, .reasoning, delta.part)
        case .refusal(let text): choices[choice].append(text, .refusal, delta.part)
        case .toolCall(let call):
            choices[choice].append(call.arguments, .toolCall, delta.part) { part in
                if let id = call.id { part.id = id }
                if let name = call.name { part.name = name }
            }
        case .citation(let citation):
            choices[choice].append("", .text, delta.part) { $0.citations.append(citation) }
        }
    }

    /// Forgets the message, not how much room it took: a stream may restart for ever.
    private mutating func restart(_ start: StreamStart) {
        self.start = start
        if choices.contains(where: { !$0.parts.isEmpty }) { hasVoided = true }
        choices = []
        usage = nil
    }

    private mutating func hasRoom(for delta: TokenDelta) -> Bool {
        let size = delta.textSize
        if size > textLimit - textSize { isCut = true }
        // Once something is missing, what follows it would be taken for its neighbour.
        if !isCut { textSize += size }
        return !isCut
    }

    private mutating func add(_ new: TokenUsage) {
        guard let old = usage else {
            usage = new
            return
        }
        usage = TokenUsage(
            input: new.input ?? old.input,
            output: new.output ?? old.output,
            total: new.total ?? old.total,
            cached: new.cached ?? old.cached,
            cacheCreation: new.cacheCreation ?? old.cacheCreation,
            reasoning: new.reasoning ?? old.reasoning,
            isEstimated: new.isEstimated,
            raw: new.isEstimated ? old.raw : new.raw
        )
    }

    /// The place of a choice, which is made where there is none.
    private mutating func slot(_ index: Int) -> Int {
        if index >= 0, index < choices.count, choices[index].index == index { return index }
        if let slot = choices.firstIndex(where: { $0.index >= index }) {
            if choices[slot].index != index { choices.insert(Choice(index: index), at: slot) }
            return slot
        }
        choices.append(Choice(index: index))
        return choices.count - 1
    }
}

extension MessageFold.Choice {
    fileprivate mutating func append(
        _ text: String,
        _ kind: MessageFold.Part.Kind,
        _ number: Int,
        _ change: (inout MessageFold.Part) -> Void = { _ in }
    ) {
        var slot = number
        if !(number >= 0 && number < parts.count && parts[number].number == number) {
            slot = parts.lastIndex { $0.number == number } ?? parts.count
            if slot == parts.count { parts.append(MessageFold.Part(number: number, kind: kind)) }
        }
        parts[slot].append(text)
        change(&parts[slot])
    }
}

extension MessageFold.Part {
    /// A long text grows by a quarter at most, where a string would take double the room: it stays as long as its stream.
    fileprivate mutating func append(_ more: String) {
        let size = text.utf8.count
        let needed = size + more.utf8.count
        if needed > Self.shortest, needed > Self.room(for: size) {
            var longer = ""
            longer.reserveCapacity(Self.room(for: needed))
            longer += text
            text = longer
        }
        text += more
    }

    /// What is left to the string's own ways, in bytes.
    private static let shortest = 4 << 10

    /// A size, rounded up to a quarter of the power of two below it.
    private static func room(for size: Int) -> Int {
        let step = max(shortest, size) >> 2
        let quarter = 1 << (Int.bitWidth - 1 - step.leadingZeroBitCount)
        return (size + quarter - 1) & ~(quarter - 1)
    }
}
