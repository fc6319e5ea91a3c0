/// What blocks consist of.
extension ConverseMessage {
    /// Takes what a block consists of, or a piece of it: one member, named by its kind.
    mutating func content(
        _ content: JSONSlice,
        _ index: Int,
        isStart: Bool,
        _ data: RawSpan,
        into events: inout EventBuffer
    ) {
        var scanner = JSONScanner(data, content)
        guard scanner.enterObject(in: data) else { return }
        while let key = scanner.nextKey(in: data), let value = scanner.nextValue(in: data) {
            if key.equals("text", in: data) {
                append(value.nonEmptyString(in: data), .text, index, into: &events)
            } else if key.equals("toolUse", in: data) {
                toolUse(value, index, isStart: isStart, data, into: &events)
            } else if key.equals("reasoningContent", in: data) {
                append(reasoning(value, data), .reasoning, index, into: &events)
            } else if key.equals("citation", in: data) {
                citation(value, index, data, into: &events)
            } else if key.equals("citationsContent", in: data) {
                citations(value, index, data, into: &events)
            }
        }
    }

    /// In a stream the text stands at the top, in a document a level below. Signatures and redacted thoughts aren't text.
    private func reasoning(_ value: JSONSlice, _ data: RawSpan) -> String? {
        value.member("text", in: data).nonEmptyString(in: data)
            ?? value.member("reasoningText", in: data).member("text", in: data).nonEmptyString(in: data)
    }

    private mutating func append(
        _ text: String?,
        _ kind: MessageFold.Part.Kind,
        _ index: Int,
        into events: inout EventBuffer
    ) {
        guard let text, let part = part(kind, index) else { return }
        let content = kind == .text ? TokenDelta.Content.text(text) : .reasoning(text)
        events.append(.delta(TokenDelta(choice: 0, part: part, content: content)))
    }

    private mutating func part(_ kind: MessageFold.Part.Kind, _ index: Int) -> Int? {
        if joinsBlocks, let latest, let block = parts[latest], block.kind == kind { return block.part }
        latest = index
        return parts.block(index, kind)?.part
    }

    private mutating func toolUse(
        _ value: JSONSlice,
        _ index: Int,
        isStart: Bool,
        _ data: RawSpan,
        into events: inout EventBuffer
    ) {
        var scanner = JSONScanner(data, value)
        guard scanner.enterObject(in: data) else { return }
        var call = ToolCallDelta()
        while let key = scanner.nextKey(in: data), let member = scanner.nextValue(in: data) {
            if key.equals("toolUseId", in: data) {
                call.id = member.nonEmptyString(in: data)
            } else if key.equals("name", in: data) {
                call.name = member.nonEmptyString(in: data)
            } else if key.equals("input", in: data) {
                // Pieces of JSON text; from documents, and from Nova, the JSON itself.
                call.arguments = member.string(in: data) ?? (member.isPresent ? member.raw(in: data) : "")
            }
        }
        guard isStart || call != ToolCallDelta(),
            let block = isStart ? parts.open(index, .toolCall) : parts.block(index, .toolCall)
        else { return }
        latest = nil
        call.index = block.call
        events.append(.delta(TokenDelta(choice: 0, part: block.part, content: .toolCall(call))))
    }

    private mutating func citation(
        _ value: JSONSlice,
        _ index: Int,
        _ data: RawSpan,
        into events: inout EventBuffer
    ) {
        guard value.kind == .object, let part = part(.text, index) else { return }
        let source = value.member("source", in: data).nonEmptyString(in: data)
        let web = value.member("location", in: data).member("web", in: data)
        let citation = Citation(
            url: web.member("url", in: data).nonEmptyString(in: data) ?? source.flatMap { $0.isURL ? $0 : nil },
            title: value.member("title", in: data).nonEmptyString(in: data),
            raw: value.raw(in: data)
        )
        events.append(.delta(TokenDelta(choice: 0, part: part, content: .citation(citation))))
    }

    /// Takes a document's text together with its sources.
    private mutating func citations(
        _ value: JSONSlice,
        _ index: Int,
        _ data: RawSpan,
        into events: inout EventBuffer
    ) {
        var scanner = JSONScanner(data, value.member("content", in: data))
        if scanner.enterArray(in: data) {
            while scanner.nextElement(in: data), let piece = scanner.nextValue(in: data) {
                append(piece.member("text", in: data).nonEmptyString(in: data), .text, index, into: &events)
            }
        }
        scanner = JSONScanner(data, value.member("citations", in: data))
        guard scanner.enterArray(in: data) else { return }
        while scanner.nextElement(in: data), let piece = scanner.nextValue(in: data) {
            citation(piece, index, data, into: &events)
        }
    }
}

extension String {
    fileprivate var isURL: Bool { hasPrefix("https://") || hasPrefix("http://") }
}
