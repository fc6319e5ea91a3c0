extension Citation {
    /// Reads a citation of version 2. Of its sources the first that has an address or a title gives them.
    init(cohere value: JSONSlice, in bytes: RawSpan) {
        self.init(raw: value.raw(in: bytes))
        value.member("sources", in: bytes).forEachElement(in: bytes) { source in
            guard url == nil, title == nil else { return }
            // A document is whatever the caller gave, a tool's output what the tool did.
            let document = source.member("document", in: bytes)
            let origin = document.isPresent ? document : source.member("tool_output", in: bytes)
            url = origin.member("url", in: bytes).nonEmptyString(in: bytes)
            title = origin.member("title", in: bytes).nonEmptyString(in: bytes)
        }
    }
}
