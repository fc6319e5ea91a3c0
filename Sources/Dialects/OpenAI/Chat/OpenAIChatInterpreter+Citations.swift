/// The sources of an answer, which servers tell in several ways, and many again with every chunk.
extension OpenAIChatInterpreter {
    /// Takes the sources beside the choices: `search_results` have titles, `citations` may be addresses alone.
    mutating func sources(of chunk: OpenAIChatChunk, _ data: RawSpan, into events: inout EventBuffer) {
        guard let slot = slot(of: chunk.choiceCount > 0 ? chunk.choice.index : 0) else { return }
        for (list, place) in [(chunk.searchResults, 0), (chunk.citations, 1)] {
            // Where nothing was added since the last chunk there is nothing to look at.
            guard list.kind == .array, citations.isNews(list, in: data, at: place) else { continue }
            var scanner = JSONScanner(data, list)
            guard scanner.enterArray(in: data) else { continue }
            while scanner.nextElement(in: data), let value = scanner.nextValue(in: data) {
                var part = ContentPart()
                part.read(value, data)
                if value.isString { part.url = value }
                // The same source in both lists has the same address.
                guard value.isString || value.kind == .object,
                    citations.insert(part.url.isPresent ? part.url : value, in: data)
                else { continue }
                cite(Citation(part, value, data), slot, into: &events)
            }
        }
    }

    /// Takes the annotations of a delta: `{"type":"url_citation","url_citation":{"url":…,"title":…}}`, or without the
    /// object within. Files that a server parsed (`file`) are no sources.
    mutating func annotations(_ list: JSONSlice, _ slot: Int, _ data: RawSpan, into events: inout EventBuffer) {
        var scanner = JSONScanner(data, list)
        guard scanner.enterArray(in: data) else { return }
        while scanner.nextElement(in: data), let value = scanner.nextValue(in: data) {
            var part = ContentPart()
            part.read(value, data)
            guard value.kind == .object, !part.type.equals("file", in: data), citations.insert(value, in: data) else {
                continue
            }
            let nested = value.member("url_citation", in: data)
            if nested.kind == .object { part.read(nested, data) }
            cite(Citation(part, value, data), slot, into: &events)
        }
    }

    mutating func cite(_ citation: Citation, _ slot: Int, into events: inout EventBuffer) {
        guard citations.count() else { return }
        let part = choices[slot].citedPart()
        events.append(.delta(TokenDelta(choice: choices[slot].index, part: part, content: .citation(citation))))
    }
}

extension Citation {
    init(_ part: ContentPart, _ value: JSONSlice, _ data: RawSpan) {
        self.init(
            url: part.url.nonEmptyString(in: data),
            title: part.title.nonEmptyString(in: data),
            raw: value.raw(in: data)
        )
    }
}
