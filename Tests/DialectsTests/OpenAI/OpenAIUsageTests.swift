import Dialects
import Testing

@Suite struct OpenAIUsageTests {
    @Test("R18: usage comes from any chunk, the last that isn't null wins")
    func anyChunk() {
        let usage = { (tokens: Int) in #""usage":{"completion_tokens":\#(tokens)}"# }
        let result = decode(
            "data: {\"choices\":[],\(usage(1))}\n\n"
                + "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"}}],\(usage(2))}\n\n"
                + "data: {\"choices\":[],\"usage\":null}\n\n" + chunk("{}") + done
        )
        #expect(result.fold.usage?.output == 2)
        #expect(result.fold.text == "a")
    }

    @Test(
        "Groq's, Moonshot's and DeepSeek's usage is found where they put it",
        arguments: [
            #"{"x_groq":{"id":"r","usage":{"prompt_tokens":7}}}"#,
            #"{"choices":[{"index":0,"delta":{},"usage":{"prompt_tokens":7}}]}"#,
            #"{"usage":{"prompt_tokens":7},"x_groq":{"usage":{"prompt_tokens":8}}}"#,
            #"{"usage":{"input_tokens":7}}"#,
        ]
    )
    func places(data: String) {
        let result = decode("data: \(data)\n\n")
        #expect(result.fold.usage?.input == 7)
        #expect(result.events.count == 2)
    }

    @Test("R20: a count that is 0 isn't one that is missing, and a fraction is no count")
    func zero() {
        let result = decode(
            #"data: {"usage":{"prompt_tokens":0,"completion_tokens":1.5,"total_tokens":99999999999999999999}}"# + "\n\n"
        )
        #expect(result.fold.usage?.input == 0)
        #expect(result.fold.usage?.output == nil)
        #expect(result.fold.usage?.total == nil)
    }

    @Test("Details tell what was cached and what was thought")
    func details() {
        let result = decode(
            #"data: {"usage":{"prompt_tokens_details":{"cached_tokens":1},"prompt_cache_hit_tokens":5,"#
                + #""completion_tokens_details":{"reasoning_tokens":2,"audio_tokens":0}}}"# + "\n\n"
        )
        #expect(result.fold.usage?.cached == 1)
        #expect(result.fold.usage?.reasoning == 2)
        #expect(decode(#"data: {"usage":{"prompt_cache_hit_tokens":5}}"# + "\n\n").fold.usage?.cached == 5)
    }

    @Test("What was written to the cache is told under either name")
    func cacheCreation() {
        for name in ["cache_write_tokens", "cache_creation_tokens"] {
            let usage = decode("data: {\"usage\":{\"prompt_tokens_details\":{\"\(name)\":4}}}\n\n").fold.usage
            #expect(usage?.cacheCreation == 4)
            #expect(usage?.cached == nil)
        }
    }

    @Test(
        "Output includes reasoning, also where a total tells that the server counts it apart (xAI)",
        arguments: [
            (12, 2, 317, 331, 319), (12, 319, 317, 331, 319), (12, 2, 0, 14, 2), (12, 2, 317, 400, 2),
            (Int.max, Int.max, 1, 5, Int.max),
        ]
    )
    func reasoningApart(input: Int, output: Int, reasoning: Int, total: Int, whole: Int) {
        let usage = decode(
            #"data: {"usage":{"prompt_tokens":\#(input),"completion_tokens":\#(output),"total_tokens":\#(total),"#
                + #""completion_tokens_details":{"reasoning_tokens":\#(reasoning)}}}"# + "\n\n"
        ).fold.usage
        #expect(usage?.output == whole)
        #expect(usage?.reasoning == reasoning)
        #expect(usage?.total == total)
    }
}
