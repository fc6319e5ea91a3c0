extension TokenUsage {
    /// Reads `usageMetadata`, or nil if the value is none or has no count.
    ///
    /// Every response has the counts so far, and leaves out those that are 0. The prompt's include what was cached;
    /// those of tools' results, which the model read as well, and of thoughts come on top.
    init?(gemini value: JSONSlice, in bytes: RawSpan) {
        guard value.kind == .object else { return nil }
        self.init()
        var scanner = JSONScanner(bytes, value)
        guard scanner.enterObject(in: bytes) else { return nil }
        var toolUse: Int?
        while let key = scanner.nextKey(in: bytes), let member = scanner.nextValue(in: bytes) {
            if key.equals("promptTokenCount", in: bytes) {
                input = member.integer(in: bytes)
            } else if key.equals("candidatesTokenCount", in: bytes) {
                output = member.integer(in: bytes)
            } else if key.equals("totalTokenCount", in: bytes) {
                total = member.integer(in: bytes)
            } else if key.equals("thoughtsTokenCount", in: bytes) {
                reasoning = member.integer(in: bytes)
            } else if key.equals("cachedContentTokenCount", in: bytes) {
                cached = member.integer(in: bytes)
            } else if key.equals("toolUsePromptTokenCount", in: bytes) {
                toolUse = member.integer(in: bytes)
            }
        }
        guard input != nil || output != nil || total != nil || reasoning != nil || cached != nil || toolUse != nil
        else {
            return nil
        }
        input = Self.sum(input, toolUse)
        output = Self.sum(output, reasoning)
        raw = value.raw(in: bytes)
    }

    /// The sum of the counts that are there; nil where none is, or a provider's nonsense is too large.
    private static func sum(_ first: Int?, _ second: Int?) -> Int? {
        guard let first, let second else { return first ?? second }
        let (sum, overflow) = first.addingReportingOverflow(second)
        return overflow ? nil : sum
    }
}
