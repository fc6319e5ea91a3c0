/// What the interpreter remembers of one candidate.
struct GeminiChoice: Sendable {
    private(set) var state: ChoiceState
    /// The last reason to finish that was given.
    var finishReason: String?
    /// How many calls it has made so far.
    private(set) var callCount = 0
    /// The call whose arguments are still coming.
    var openCall: GeminiPartialCall?
    private var textPart: Int?
    private var sources: Set<Int> = []

    /// More than any model makes; a hostile stream's further ones aren't interpreted.
    private static let maximumCalls = 1024
    private static let maximumSources = 1024

    init(index: Int) {
        state = ChoiceState(index: index)
    }

    var index: Int { state.index }

    /// The part that a piece of text belongs to.
    mutating func part(isThought: Bool) -> Int {
        let part = state.part(for: isThought ? .reasoning : .text)
        if !isThought { textPart = part }
        return part
    }

    /// The text that a source is given for: the latest.
    mutating func citedPart() -> Int { textPart ?? part(isThought: false) }

    /// Begins a call.
    ///
    /// - Returns: its number, nil where there are too many.
    mutating func beginCall() -> Int? {
        guard callCount < Self.maximumCalls else { return nil }
        callCount += 1
        return callCount - 1
    }

    /// The open call, which is open no more, so that changing it copies nothing.
    mutating func takeOpenCall() -> GeminiPartialCall? {
        defer { openCall = nil }
        return openCall
    }

    /// A piece of a call, nil where it says nothing new.
    mutating func delta(_ call: Int, id: String?, name: String?, _ arguments: String) -> TokenDelta? {
        state.toolCall(index: call, id: id, name: name, arguments: arguments)
    }

    /// Whether a source is given for the first time: later responses repeat those of earlier ones.
    mutating func isNew(source: JSONSlice, _ data: RawSpan) -> Bool {
        guard sources.count < Self.maximumSources else { return false }
        var hasher = Hasher()
        data.extracting(source.range).withUnsafeBytes { hasher.combine(bytes: $0) }
        return sources.insert(hasher.finalize()).inserted
    }
}
