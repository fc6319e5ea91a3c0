extension TokenUsage {
    /// Reads an object with `tokens` and `billed_units`: version 2's `usage`, version 1's `meta`.
    ///
    /// Billed are fewer tokens than there are: what the provider itself puts before the prompt isn't. So they count only
    /// where nothing else does.
    init?(cohere value: JSONSlice, in bytes: RawSpan) {
        var scanner = JSONScanner(bytes, value)
        guard scanner.enterObject(in: bytes) else { return nil }
        self.init()
        var billed: (input: Int?, output: Int?)
        while let key = scanner.nextKey(in: bytes), let member = scanner.nextValue(in: bytes) {
            if key.equals("tokens", in: bytes) {
                input = member.member("input_tokens", in: bytes).integer(in: bytes)
                output = member.member("output_tokens", in: bytes).integer(in: bytes)
            } else if key.equals("billed_units", in: bytes) {
                billed.input = member.member("input_tokens", in: bytes).integer(in: bytes)
                billed.output = member.member("output_tokens", in: bytes).integer(in: bytes)
            } else if key.equals("cached_tokens", in: bytes) {
                cached = member.integer(in: bytes)
            }
        }
        input = input ?? billed.input
        output = output ?? billed.output
        guard input != nil || output != nil || cached != nil else { return nil }
        raw = value.raw(in: bytes)
    }

    /// Reads the counts of version 1's first days: `token_count`.
    init?(cohereTokenCount value: JSONSlice, in bytes: RawSpan) {
        guard value.kind == .object else { return nil }
        self.init(
            input: value.member("prompt_tokens", in: bytes).integer(in: bytes),
            output: value.member("response_tokens", in: bytes).integer(in: bytes),
            total: value.member("total_tokens", in: bytes).integer(in: bytes),
            raw: value.raw(in: bytes)
        )
        guard input != nil || output != nil || total != nil else { return nil }
    }
}
