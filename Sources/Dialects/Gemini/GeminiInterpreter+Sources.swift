/// What the model's text is grounded on, and what it quotes.
extension GeminiInterpreter {
    /// Takes `groundingMetadata`, whose chunks are pages of the web, documents or places.
    mutating func grounding(_ metadata: JSONSlice, _ slot: Int, _ data: RawSpan, into events: inout EventBuffer) {
        var scanner = JSONScanner(data, metadata.member("groundingChunks", in: data))
        guard scanner.enterArray(in: data) else { return }
        while scanner.nextElement(in: data), let chunk = scanner.nextValue(in: data) {
            guard chunk.kind == .object else { continue }
            source(chunk, of: chunk.firstObject(in: data), slot, data, into: &events)
        }
    }

    /// Takes `citationMetadata`, whose list has one name in Google's API and another in Vertex AI.
    mutating func citations(_ metadata: JSONSlice, _ slot: Int, _ data: RawSpan, into events: inout EventBuffer) {
        let names: [StaticString] = ["citationSources", "citations"]
        for name in names {
            var scanner = JSONScanner(data, metadata.member(name, in: data))
            guard scanner.enterArray(in: data) else { continue }
            while scanner.nextElement(in: data), let citation = scanner.nextValue(in: data) {
                if citation.kind == .object { source(citation, of: citation, slot, data, into: &events) }
            }
        }
    }

    private mutating func source(
        _ value: JSONSlice,
        of object: JSONSlice,
        _ slot: Int,
        _ data: RawSpan,
        into events: inout EventBuffer
    ) {
        guard choices[slot].isNew(source: value, data) else { return }
        let citation = Citation(
            url: object.member("uri", in: data).nonEmptyString(in: data),
            title: object.member("title", in: data).nonEmptyString(in: data),
            raw: value.raw(in: data)
        )
        let part = choices[slot].citedPart()
        events.append(.delta(TokenDelta(choice: choices[slot].index, part: part, content: .citation(citation))))
    }
}

extension JSONSlice {
    /// The first member that is an object, whatever its name; itself where there is none.
    fileprivate func firstObject(in bytes: RawSpan) -> JSONSlice {
        var scanner = JSONScanner(bytes, self)
        guard scanner.enterObject(in: bytes) else { return self }
        while scanner.nextKey(in: bytes) != nil, let value = scanner.nextValue(in: bytes) {
            if value.kind == .object { return value }
        }
        return self
    }
}
