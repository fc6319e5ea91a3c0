extension TokenUsage {
    /// Reads Converse's usage, or the metrics that Bedrock adds to the last chunk of a model's own format.
    ///
    /// - Returns: nil if the value is no object, or has no count.
    init?(bedrock value: JSONSlice, in data: RawSpan) {
        var scanner = JSONScanner(data, value)
        guard scanner.enterObject(in: data) else { return nil }
        self.init()
        while let key = scanner.nextKey(in: data), let member = scanner.nextValue(in: data) {
            if key.equals("inputTokens", in: data) || key.equals("inputTokenCount", in: data) {
                input = member.count(in: data)
            } else if key.equals("outputTokens", in: data) || key.equals("outputTokenCount", in: data) {
                output = member.count(in: data)
            } else if key.equals("totalTokens", in: data) {
                total = member.count(in: data)
            } else if key.equals("cacheReadInputTokens", in: data) || key.equals("cacheReadInputTokenCount", in: data) {
                cached = member.count(in: data)
            } else if key.equals("cacheWriteInputTokens", in: data)
                || key.equals("cacheWriteInputTokenCount", in: data)
            {
                cacheCreation = member.count(in: data)
            }
        }
        guard input != nil || output != nil || total != nil else { return nil }
        addCachedToInput()
        raw = value.raw(in: data)
    }

    /// Bedrock counts what it read from a cache, or wrote to one, beside the input. Should the total say otherwise, it
    /// was in it already.
    private mutating func addCachedToInput() {
        guard let fresh = input else { return }
        let (both, carry) = (cached ?? 0).addingReportingOverflow(cacheCreation ?? 0)
        let (sum, overflow) = fresh.addingReportingOverflow(both)
        guard !carry, !overflow else { return }
        if both > 0, let total, let output, total &- output == fresh { return }
        input = sum
    }
}

extension JSONSlice {
    /// A count of tokens: a whole number, which Titan writes with a fraction of zero (`6.0`). Never negative.
    func count(in data: RawSpan) -> Int? {
        guard kind == .number else { return nil }
        var end = range.upperBound
        while end > range.lowerBound, data.byte(at: end - 1) == UInt8(ascii: "0") { end -= 1 }
        let isPoint = end > range.lowerBound && data.byte(at: end - 1) == UInt8(ascii: ".")
        let digits = isPoint ? JSONSlice(.number, range.lowerBound..<end - 1) : self
        return digits.integer(in: data).flatMap { $0 >= 0 ? $0 : nil }
    }
}
