/// Parts, items and whole responses: they repeat what came in pieces, or bring what no piece did.
extension OpenAIResponsesInterpreter {
    /// Takes a part with its beginning or its end. Text that it begins with goes before the pieces.
    mutating func part(_ event: OpenAIResponsesEvent, at output: Int, _ data: RawSpan, into events: inout EventBuffer) {
        let part = OpenAIResponsesPart(event.part, in: data)
        guard let section = part.section else { return }
        let index = (section == .summary ? event.summaryIndex : event.contentIndex).integer(in: data) ?? 0
        append(parts.whole(part.text.string(in: data) ?? "", section, output: output, index: index), &events)
        guard section == .text, !parts.hasCitations(output: output, index: index) else { return }
        citations(part.annotations, at: output, index, data, into: &events)
    }

    mutating func itemAdded(_ item: JSONSlice, at output: Int, _ data: RawSpan, into events: inout EventBuffer) {
        guard let call = OpenAIResponsesCall.Item(item, in: data) else { return }
        beginCall(call, at: output, into: &events)
    }

    /// Takes a whole item.
    ///
    /// - Parameter missing: what of its texts hasn't been told.
    mutating func item(
        _ item: JSONSlice,
        at output: Int,
        _ missing: OpenAIResponsesParts.Sections,
        _ data: RawSpan,
        into events: inout EventBuffer
    ) {
        if let call = OpenAIResponsesCall.Item(item, in: data) {
            finishCall(call, at: output, into: &events)
        } else {
            texts(item, at: output, missing, data, into: &events)
        }
    }

    /// Takes the output that a response has in the end, or that a document is.
    mutating func wholeOutput(_ output: JSONSlice, _ data: RawSpan, into events: inout EventBuffer) {
        // Places may differ from those of the pieces, so a kind of which there were some is left alone.
        let missing = parts.missing
        let hasCalls = !parts.calls.isEmpty
        var scanner = JSONScanner(data, output)
        guard scanner.enterArray(in: data) else { return }
        var index = 0
        while scanner.nextElement(in: data), let item = scanner.nextValue(in: data) {
            if let call = OpenAIResponsesCall.Item(item, in: data) {
                // A call told twice would be made twice: beside others only one that is known gets its arguments.
                if !hasCalls || call.id.flatMap(parts.call(withID:)) != nil {
                    finishCall(call, at: index, into: &events)
                }
            } else {
                texts(item, at: index, missing, data, into: &events)
            }
            index += 1
        }
    }

    private mutating func texts(
        _ item: JSONSlice,
        at output: Int,
        _ missing: OpenAIResponsesParts.Sections,
        _ data: RawSpan,
        into events: inout EventBuffer
    ) {
        var type = JSONSlice.absent
        var content = JSONSlice.absent
        var summary = JSONSlice.absent
        var scanner = JSONScanner(data, item)
        guard scanner.enterObject(in: data) else { return }
        while let key = scanner.nextKey(in: data), let value = scanner.nextValue(in: data) {
            if key.equals("type", in: data) {
                type = value
            } else if key.equals("content", in: data) {
                content = value
            } else if key.equals("summary", in: data) {
                summary = value
            }
        }
        // Items of other types may have a content too: what a tool found.
        guard type.equals("message", in: data) || type.equals("reasoning", in: data) else { return }
        partTexts(summary, at: output, missing, data, into: &events)
        partTexts(content, at: output, missing, data, into: &events)
    }

    /// Takes an array of parts.
    private mutating func partTexts(
        _ content: JSONSlice,
        at output: Int,
        _ missing: OpenAIResponsesParts.Sections,
        _ data: RawSpan,
        into events: inout EventBuffer
    ) {
        var scanner = JSONScanner(data, content)
        guard scanner.enterArray(in: data) else { return }
        var index = 0
        while scanner.nextElement(in: data), let value = scanner.nextValue(in: data) {
            let part = OpenAIResponsesPart(value, in: data)
            if let section = part.section, missing.contains(section.group) {
                append(parts.piece(part.text.string(in: data) ?? "", section, output: output, index: index), &events)
            }
            if part.section == .text, missing.contains(.citations) {
                citations(part.annotations, at: output, index, data, into: &events)
            }
            index += 1
        }
    }

    private mutating func citations(
        _ annotations: JSONSlice,
        at output: Int,
        _ index: Int,
        _ data: RawSpan,
        into events: inout EventBuffer
    ) {
        var scanner = JSONScanner(data, annotations)
        guard scanner.enterArray(in: data) else { return }
        while scanner.nextElement(in: data), let annotation = scanner.nextValue(in: data) {
            citation(annotation, at: output, index, data, into: &events)
        }
    }

    mutating func citation(
        _ annotation: JSONSlice,
        at output: Int,
        _ index: Int,
        _ data: RawSpan,
        into events: inout EventBuffer
    ) {
        guard annotation.kind == .object else { return }
        // Files and containers have neither: they stay as they are.
        let citation = Citation(
            url: annotation.member("url", in: data).nonEmptyString(in: data),
            title: annotation.member("title", in: data).nonEmptyString(in: data),
            raw: annotation.raw(in: data)
        )
        append(parts.citation(citation, output: output, index: index), &events)
    }
}
