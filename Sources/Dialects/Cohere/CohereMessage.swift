/// What both versions of Cohere's chat remember of the answer: its parts, its calls, and which part is cited.
struct CohereMessage: Sendable {
    /// What tells the parts apart that aren't calls.
    enum Block: Hashable {
        /// A block of content, by the server's own number where it gives one.
        case content(Int?)
        /// What the model says of the calls that it is about to make.
        case plan
        case call(Int)
    }

    private struct Call {
        var id: String?
        var name: String?
        var hasArguments = false
        let part: Int
    }

    private var parts = BlockParts<Block>()
    private var calls: [Call] = []
    /// Which call is the latest with an index.
    private var callsByIndex: [Int?: Int] = [:]
    private var latestText: Int?

    var hasCalls: Bool { !calls.isEmpty }
    var callCount: Int { calls.count }
    /// Whether anything was said of the calls.
    var hasPlan: Bool { parts[.plan] != nil }

    mutating func append(
        _ kind: MessageFold.Part.Kind,
        _ text: String,
        _ key: Block,
        into events: inout EventBuffer
    ) {
        guard let block = parts.block(key, kind) else { return }
        if kind == .text { latestText = block.part }
        let content: TokenDelta.Content = kind == .reasoning ? .reasoning(text) : .text(text)
        events.append(.delta(TokenDelta(choice: 0, part: block.part, content: content)))
    }

    /// Takes a piece of a tool call.
    ///
    /// - Parameters:
    ///   - index: the server's, nil where it gives none: then the piece belongs to the latest call, or begins one.
    ///   - begins: whether the piece says that it begins a call. It doesn't if its id is that of the call at its index;
    ///     and another id at a used index begins one in any case (R21).
    mutating func toolCall(
        index: Int?,
        id: String?,
        name: String?,
        arguments: String,
        begins: Bool,
        into events: inout EventBuffer
    ) {
        let known = callsByIndex[index] ?? (index == nil && !begins ? calls.indices.last : nil)
        if let known, !isNew(id, begins, calls[known]) {
            append(to: known, id: id, name: name, arguments: arguments, into: &events)
            return
        }
        guard let block = parts.open(.call(calls.count), .toolCall) else { return }
        callsByIndex[index] = calls.count
        calls.append(Call(id: id, name: name, hasArguments: !arguments.isEmpty, part: block.part))
        let call = ToolCallDelta(index: block.call, id: id, name: name, arguments: arguments)
        events.append(.delta(TokenDelta(choice: 0, part: block.part, content: .toolCall(call))))
    }

    /// Whether the latest call with an index has another name.
    func isNamed(otherThan name: String, at index: Int?) -> Bool {
        callsByIndex[index].map { calls[$0].name?.hasSameBytes(as: name) != true } ?? true
    }

    /// Gives a call its arguments as a whole, unless it has got them in pieces.
    mutating func complete(_ number: Int, arguments: String, into events: inout EventBuffer) {
        guard calls.indices.contains(number), !calls[number].hasArguments else { return }
        append(to: number, id: nil, name: nil, arguments: arguments, into: &events)
    }

    /// The part that a citation belongs to: the block that it names, else the latest text.
    mutating func citedPart(_ key: Block?) -> Int? {
        if let key, let block = parts[key] { return block.part }
        if latestText == nil { latestText = parts.block(key ?? .content(nil), .text)?.part }
        return latestText
    }

    private func isNew(_ id: String?, _ begins: Bool, _ call: Call) -> Bool {
        guard let id else { return begins }
        // An id may come late; the same one is the same call, told again.
        return call.id.map { !$0.hasSameBytes(as: id) } ?? begins
    }

    private mutating func append(
        to number: Int,
        id: String?,
        name: String?,
        arguments: String,
        into events: inout EventBuffer
    ) {
        let newID = calls[number].id == nil ? id : nil
        let newName = calls[number].name == nil ? name : nil
        guard newID != nil || newName != nil || !arguments.isEmpty else { return }
        calls[number].id = calls[number].id ?? newID
        calls[number].name = calls[number].name ?? newName
        if !arguments.isEmpty { calls[number].hasArguments = true }
        let call = ToolCallDelta(index: number, id: newID, name: newName, arguments: arguments)
        events.append(.delta(TokenDelta(choice: 0, part: calls[number].part, content: .toolCall(call))))
    }
}
