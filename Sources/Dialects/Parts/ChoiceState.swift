/// What the interpreter remembers of one choice: which parts it has, and which of them goes on.
struct ChoiceState: Sendable {
    /// The choice's own number.
    let index: Int
    /// The kind of the part that goes on, and its number.
    private var latest: MessageFold.Part.Kind?
    private var latestPart = 0
    private var partCount = 0
    /// The last part of text, and whether a source was told for it before its first word was.
    private var textPart: Int?
    private var isTextAwaited = false
    private var calls: [Call] = []
    /// The last reason that was told, so that a repeated one isn't.
    var finishReason: String?
    /// Whether a piece of the message came, so that a whole one repeats what is known.
    var hasDeltas = false
    /// Whether text came that was written, so that what is spoken beside it repeats it.
    var hasContent = false

    /// A tool call: its index isn't enough to tell it by, because some servers give every call the same (R21).
    private struct Call: Sendable {
        var index: Int?
        var id: String?
        var hasName = false
        var part: Int
    }

    /// More calls than any model makes; beyond it they aren't told apart, so that a hostile stream costs no time.
    private static let maximumCalls = 1024
    /// What stands for an index where the old `function_call` is used: there is only one.
    static let functionCallIndex = -1

    init(index: Int) {
        self.index = index
    }

    /// The part that a piece of this kind belongs to: the latest if it is of that kind, else a new one.
    @inline(__always)
    mutating func part(for kind: MessageFold.Part.Kind) -> Int {
        if latest == kind { return latestPart }
        return open(kind)
    }

    /// The part of text that a source belongs to: the last one, or, where none came yet, the one that will come.
    mutating func citedPart() -> Int {
        if let textPart { return textPart }
        textPart = partCount
        isTextAwaited = true
        partCount += 1
        return partCount - 1
    }

    /// Takes a piece of a tool call, and gives it its part.
    ///
    /// - Parameters:
    ///   - index: as the server gives it, or nil.
    ///   - id: nil where it is absent or empty.
    /// - Returns: nil where the piece says nothing new.
    mutating func toolCall(index: Int?, id: String?, name: String?, arguments: String) -> TokenDelta? {
        let slot: Int
        var isNew = false
        if calls.count >= Self.maximumCalls {
            slot = calls.count - 1
        } else if let known = find(index: index, id: id, name: name) {
            slot = known
        } else {
            isNew = true
            slot = calls.count
            calls.append(Call(index: index ?? nextIndex, part: open(.toolCall)))
        }
        // The id and the name come once, however often the server repeats them.
        let newID = calls[slot].id == nil ? id : nil
        let newName = calls[slot].hasName ? nil : name
        if newID != nil { calls[slot].id = newID }
        if newName != nil { calls[slot].hasName = true }
        guard isNew || newID != nil || newName != nil || !arguments.isEmpty else { return nil }
        return TokenDelta(
            choice: self.index,
            part: calls[slot].part,
            content: .toolCall(ToolCallDelta(index: slot, id: newID, name: newName, arguments: arguments))
        )
    }

    /// Finds the call that a piece continues, or nil if it begins one.
    private func find(index: Int?, id: String?, name: String?) -> Int? {
        guard let index else {
            if let id { return calls.lastIndex { $0.id?.hasSameBytes(as: id) == true } }
            // Neither index nor id: a name begins a call, anything else goes on with the latest.
            return name == nil ? calls.indices.last { calls[$0].index != Self.functionCallIndex } : nil
        }
        guard let id else { return calls.lastIndex { $0.index == index } }
        if let same = calls.lastIndex(where: { $0.index == index && $0.id?.hasSameBytes(as: id) == true }) {
            return same
        }
        // An id may come late; but another id at a used index is another call.
        return calls.lastIndex { $0.index == index }.flatMap { calls[$0].id == nil ? $0 : nil }
    }

    /// The index of a call that the server gave none.
    private var nextIndex: Int {
        calls.reduce(0) { next, call in
            guard let index = call.index, index >= next, index < Int.max else { return next }
            return index + 1
        }
    }

    private mutating func open(_ kind: MessageFold.Part.Kind) -> Int {
        latest = kind
        if kind == .text, isTextAwaited, let textPart {
            isTextAwaited = false
            latestPart = textPart
            return textPart
        }
        latestPart = partCount
        if kind == .text { textPart = latestPart }
        partCount += 1
        return latestPart
    }
}
