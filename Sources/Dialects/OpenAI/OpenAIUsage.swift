extension TokenUsage {
    /// Reads a `usage` object, or nil if the value is none or says nothing.
    init?(openAI value: JSONSlice, in bytes: RawSpan) {
        guard value.kind == .object else { return nil }
        self.init()
        var scanner = JSONScanner(bytes, value)
        guard scanner.enterObject(in: bytes) else { return nil }
        var isEmpty = true
        // Some servers give the names of both APIs, and zeros under those of the other one.
        var responses: (input: Int?, output: Int?)
        while let key = scanner.nextKey(in: bytes), let member = scanner.nextValue(in: bytes) {
            isEmpty = false
            if key.equals("prompt_tokens", in: bytes) {
                input = member.integer(in: bytes) ?? input
            } else if key.equals("input_tokens", in: bytes) {
                responses.input = member.integer(in: bytes) ?? responses.input
            } else if key.equals("completion_tokens", in: bytes) {
                output = member.integer(in: bytes) ?? output
            } else if key.equals("output_tokens", in: bytes) {
                responses.output = member.integer(in: bytes) ?? responses.output
            } else if key.equals("total_tokens", in: bytes) {
                total = member.integer(in: bytes)
            } else if key.equals("prompt_tokens_details", in: bytes) || key.equals("input_tokens_details", in: bytes) {
                readInputDetails(member, bytes)
            } else if key.equals("completion_tokens_details", in: bytes)
                || key.equals("output_tokens_details", in: bytes)
            {
                reasoning = member.member("reasoning_tokens", in: bytes).integer(in: bytes) ?? reasoning
            } else if key.equals("prompt_cache_hit_tokens", in: bytes) || key.equals("cached_tokens", in: bytes) {
                // DeepSeek and Moonshot have it at the top; the details, where given, mean the same.
                cached = cached ?? member.integer(in: bytes)
            } else if key.equals("reasoning_tokens", in: bytes) {
                reasoning = reasoning ?? member.integer(in: bytes)
            }
        }
        guard !isEmpty else { return nil }
        input = input ?? responses.input
        output = output ?? responses.output
        raw = value.raw(in: bytes)
        addReasoning()
    }

    private mutating func readInputDetails(_ details: JSONSlice, _ bytes: RawSpan) {
        var scanner = JSONScanner(bytes, details)
        guard scanner.enterObject(in: bytes) else { return }
        while let key = scanner.nextKey(in: bytes), let member = scanner.nextValue(in: bytes) {
            if key.equals("cached_tokens", in: bytes) {
                cached = member.integer(in: bytes) ?? cached
            } else if key.equals("cache_write_tokens", in: bytes) || key.equals("cache_creation_tokens", in: bytes) {
                // OpenRouter's name, and LiteLLM's.
                cacheCreation = member.integer(in: bytes) ?? cacheCreation
            }
        }
    }

    /// Makes `output` include reasoning where the server counts it apart (xAI), which its total tells.
    private mutating func addReasoning() {
        guard let input, let output, let total, let reasoning, reasoning > 0 else { return }
        let (whole, overflows) = output.addingReportingOverflow(reasoning)
        let (sum, overflowsToo) = input.addingReportingOverflow(whole)
        if !overflows, !overflowsToo, sum == total { self.output = whole }
    }
}
