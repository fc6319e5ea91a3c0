/// The content blocks of one message: what each piece of them says, and which part it belongs to.
///
/// Pieces are taken for what they are, not for what their block should hold, and blocks needn't have begun or ended:
/// gateways drop and repeat both. What has no form here (signatures, redacted thinking, tool results, compactions,
/// fallbacks, whatever is new) says nothing.
struct AnthropicBlocks: Sendable {
    /// A block may have parts of several kinds, where a gateway mixes them.
    private struct Key: Hashable {
        var index: Int
        var kind: MessageFold.Part.Kind
    }

    /// A tool call that goes on.
    private struct Call {
        var id: String?
        var part: Int
        var number: Int
        var hasArguments = false
    }

    private var parts = BlockParts<Key>()
    private var calls: [Int: Call] = [:]
    /// What the latest tool call began with: it counts where no piece brings it.
    private var input: (index: Int, json: String)?
    /// The block that goes on, for pieces without an index.
    private var latest = 0

    mutating func start(_ block: JSONSlice, index: Int?, _ data: RawSpan, into events: inout EventBuffer) {
        let index = index ?? latest
        let type = block.member("type", in: data).string(in: data) ?? ""
        let id = block.member("id", in: data).nonEmptyString(in: data)
        let isCall = type.utf8.suffix(8).elementsEqual("tool_use".utf8)
        // The same call once more is no other call (R21).
        if isCall, let id, calls[index]?.id?.hasSameBytes(as: id) == true { return }
        giveInput(into: &events)
        latest = index
        calls[index] = nil
        for kind in [.text, .reasoning, .toolCall] as [MessageFold.Part.Kind] {
            parts.close(Key(index: index, kind: kind))
        }
        if isCall {
            call(block, id: id, index: index, data, into: &events)
        } else if type == "text" {
            append(.text, block.member("text", in: data), index, data, into: &events)
            citations(block.member("citations", in: data), index, data, into: &events)
        } else if type == "thinking" {
            append(.reasoning, block.member("thinking", in: data), index, data, into: &events)
        }
    }

    mutating func delta(
        _ delta: AnthropicEvent.Delta,
        index: Int?,
        _ data: RawSpan,
        into events: inout EventBuffer
    ) {
        let index = index ?? latest
        latest = index
        let type = delta.type
        // A delta without a type is what its member is; one with a new type isn't.
        let isUntyped = !type.isString
        if type.equals("text_delta", in: data) || isUntyped && delta.text.isString {
            append(.text, delta.text, index, data, into: &events)
        } else if type.equals("input_json_delta", in: data) || isUntyped && delta.partialJSON.isString {
            arguments(delta.partialJSON, index, data, into: &events)
        } else if type.equals("thinking_delta", in: data) || isUntyped && delta.thinking.isString {
            append(.reasoning, delta.thinking, index, data, into: &events)
        } else if type.equals("citations_delta", in: data) || isUntyped && delta.citation.isPresent {
            citation(delta.citation, index, data, into: &events)
        }
    }

    /// Ends a block. A tool call that had no arguments until now has what it began with, or none.
    mutating func stop(index: Int?, into events: inout EventBuffer) {
        stop(index ?? latest, into: &events)
    }

    /// Ends all blocks that still go on.
    mutating func stopAll(into events: inout EventBuffer) {
        guard !calls.isEmpty else { return }
        for (index, _) in calls.sorted(by: { $0.value.part < $1.value.part }) { stop(index, into: &events) }
    }

    /// Tells what the latest tool call began with, where that is all there will be.
    mutating func giveInput(into events: inout EventBuffer) {
        guard let input else { return }
        self.input = nil
        calls[input.index]?.hasArguments = true
        if let call = calls[input.index] { events.append(Self.delta(call, arguments: input.json)) }
    }

    private mutating func stop(_ index: Int, into events: inout EventBuffer) {
        if input?.index == index { giveInput(into: &events) }
        guard let call = calls.removeValue(forKey: index), !call.hasArguments else { return }
        events.append(Self.delta(call, arguments: "{}"))
    }

    /// Begins a tool call: one of the caller's tools, of the provider's own, or of an MCP server's.
    private mutating func call(
        _ block: JSONSlice,
        id: String?,
        index: Int,
        _ data: RawSpan,
        into events: inout EventBuffer
    ) {
        guard let part = parts.open(Key(index: index, kind: .toolCall), .toolCall) else { return }
        calls[index] = Call(id: id, part: part.part, number: part.call)
        let name = block.member("name", in: data).nonEmptyString(in: data)
        events.append(Self.delta(part, ToolCallDelta(index: part.call, id: id, name: name)))
        let given = block.member("input", in: data)
        if given.isString {
            input = given.nonEmptyString(in: data).map { (index, $0) }
        } else if given.isPresent, !given.isEmptyObject(in: data) {
            input = (index, given.raw(in: data))
        }
    }

    private mutating func arguments(
        _ piece: JSONSlice,
        _ index: Int,
        _ data: RawSpan,
        into events: inout EventBuffer
    ) {
        guard let text = piece.nonEmptyString(in: data),
            let part = parts.block(Key(index: index, kind: .toolCall), .toolCall)
        else { return }
        if input?.index == index { input = nil }
        calls[index]?.hasArguments = true
        events.append(Self.delta(part, ToolCallDelta(index: part.call, arguments: text)))
    }

    private mutating func append(
        _ kind: MessageFold.Part.Kind,
        _ piece: JSONSlice,
        _ index: Int,
        _ data: RawSpan,
        into events: inout EventBuffer
    ) {
        guard let text = piece.nonEmptyString(in: data), let part = parts.block(Key(index: index, kind: kind), kind)
        else { return }
        let content: TokenDelta.Content = kind == .reasoning ? .reasoning(text) : .text(text)
        events.append(.delta(TokenDelta(choice: 0, part: part.part, content: content)))
    }

    private mutating func citations(
        _ list: JSONSlice,
        _ index: Int,
        _ data: RawSpan,
        into events: inout EventBuffer
    ) {
        var scanner = JSONScanner(data, list)
        guard scanner.enterArray(in: data) else { return }
        while scanner.nextElement(in: data), let value = scanner.nextValue(in: data) {
            citation(value, index, data, into: &events)
        }
    }

    private mutating func citation(
        _ value: JSONSlice,
        _ index: Int,
        _ data: RawSpan,
        into events: inout EventBuffer
    ) {
        guard value.kind == .object, let part = parts.block(Key(index: index, kind: .text), .text) else { return }
        let citation = Citation(anthropic: value, in: data)
        events.append(.delta(TokenDelta(choice: 0, part: part.part, content: .citation(citation))))
    }

    private static func delta(_ part: BlockParts<Key>.Block, _ call: ToolCallDelta) -> TokenEvent {
        .delta(TokenDelta(choice: 0, part: part.part, content: .toolCall(call)))
    }

    private static func delta(_ call: Call, arguments: String) -> TokenEvent {
        let delta = ToolCallDelta(index: call.number, arguments: arguments)
        return .delta(TokenDelta(choice: 0, part: call.part, content: .toolCall(delta)))
    }
}

extension Citation {
    /// Reads a citation of any kind: of a search result, a page on the web, or a place in one of the caller's documents.
    fileprivate init(anthropic value: JSONSlice, in data: RawSpan) {
        let title = value.member("title", in: data).nonEmptyString(in: data)
        // The caller's own search results have a source, which is any text.
        let source = value.member("source", in: data).nonEmptyString(in: data)
        let isLink = source.map { $0.hasPrefix("https://") || $0.hasPrefix("http://") } ?? false
        self.init(
            url: value.member("url", in: data).nonEmptyString(in: data) ?? (isLink ? source : nil),
            title: title ?? value.member("document_title", in: data).nonEmptyString(in: data),
            raw: value.raw(in: data)
        )
    }
}

extension JSONSlice {
    fileprivate func isEmptyObject(in bytes: RawSpan) -> Bool {
        var scanner = JSONScanner(bytes, self)
        return kind == .object && scanner.enterObject(in: bytes) && scanner.nextKey(in: bytes) == nil
    }
}
