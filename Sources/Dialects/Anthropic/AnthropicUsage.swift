extension TokenUsage {
    /// Reads Anthropic's counts, which keep what was read from a cache or written to one apart from the input.
    ///
    /// - Parameter hasOutput: whether the answer's length is told yet. The count that a message begins with is that of its
    ///   first token or so: it is kept in `raw`, and says nothing of the answer.
    init(anthropic object: MergedJSONObject, hasOutput: Bool) {
        self.init(raw: object.raw)
        let bytes = object.bytes.span.bytes
        var scanner = JSONScanner(bytes)
        guard scanner.enterObject(in: bytes) else { return }
        while let key = scanner.nextKey(in: bytes), let value = scanner.nextValue(in: bytes) {
            if key.equals("input_tokens", in: bytes) {
                input = value.integer(in: bytes)
            } else if key.equals("cache_read_input_tokens", in: bytes) {
                cached = value.integer(in: bytes)
            } else if key.equals("cache_creation_input_tokens", in: bytes) {
                cacheCreation = value.integer(in: bytes)
            } else if hasOutput, key.equals("output_tokens", in: bytes) {
                output = value.integer(in: bytes)
            } else if hasOutput, key.equals("output_tokens_details", in: bytes) {
                reasoning = value.member("thinking_tokens", in: bytes).integer(in: bytes)
            }
        }
        input = input.map { $0.saturatingAdding(cached ?? 0).saturatingAdding(cacheCreation ?? 0) }
    }
}

extension Int {
    /// Counts come from the network: a sum that can't be is the largest number.
    fileprivate func saturatingAdding(_ other: Int) -> Int {
        let (sum, overflows) = addingReportingOverflow(other)
        return overflows ? (other < 0 ? .min : .max) : sum
    }
}
