import Dialects
import Testing

/// A chunk that differs from the last one in its text alone isn't read again. Nobody may notice.
@Suite struct OpenAIChatTemplateTests {
    private static let chunks = [
        chunk(#"{"content":"a"}"#), chunk(#"{"content":"b\"c"}"#), chunk(#"{"content":""}"#),
        chunk(#"{"content":"x"}"#, choice: 1), chunk(#"{"content":"d"}"#, finish: #""stop""#),
        chunk(#"{"content":"d"}"#, finish: #""length""#), chunk(#"{"content":null}"#), chunk(#"{"reasoning":"r"}"#),
        chunk(#"{"reasoning":"r","reasoning_content":""}"#), chunk(#"{"reasoning":"r","reasoning_content":"r"}"#),
        chunk(#"{"content":"e","tool_calls":[{"index":0,"id":"t","function":{"arguments":""}}]}"#),
        chunk(#"{"content":"e","tool_calls":[]}"#), chunk(#"{"content":"e","refusal":"no"}"#),
        chunk(#"{"content":"a","content":"b"}"#),
        "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}],\"p\":\"x\"}\n\n",
        "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}],\"obfuscation\":\"xyz\"}\n\n",
        "data: {\"choices\":[{\"delta\":{\"content\":\"bcd\"}}],\"obfuscation\":\"\\\"\"}\n\n",
        "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}],\"obfuscation\":1}\n\n",
        "data: {\"obfuscation\":\"xyz\",\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n",
        "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}],\"usage\":{\"prompt_tokens\":1}}\n\n",
        "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]} \n\n",
        "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]\n\n",
        "data: {\"choices\":[{\"delta\":{\"content\":\"a}}]}\n\n", "event: x\n" + chunk(#"{"content":"a"}"#),
    ]

    @Test("A stream means the same whether its chunks look alike or not", arguments: 0..<40 as Range<UInt64>)
    func same(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var alike = ""
        var different = ""
        for round in 0..<200 {
            guard let chunk = Self.chunks.randomElement(using: &random) else { continue }
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                alike += chunk
                // A member that nobody knows, new each time, so that no chunk is like the last.
                different += chunk.replacing(
                    "{\"",
                    with: "{\"\(round)\(different.utf8.count)\":0,\"",
                    maxReplacements: 1
                )
            }
        }
        #expect(decode(alike).events == decode(different).events)
    }

    @Test("An error that looks like the chunk before is an error")
    func error() {
        let like = chunk(#"{"content":"a"}"#)
        #expect(decode(like + "event: error\n" + like + like).end.state == .error)
        #expect(decode(like + "event: error\n" + like + like).fold.text == "aa")
    }
}
