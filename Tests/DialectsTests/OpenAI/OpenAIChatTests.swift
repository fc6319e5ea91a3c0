import Dialects
import Testing

@Suite struct OpenAIChatTests {
    @Test("A stream is its start, its pieces, its finish and its usage, frame by frame")
    func whole() {
        let result = decode(
            chunk(#"{"role":"assistant","content":""}"#) + chunk(#"{"content":"Hel"}"#) + chunk(#"{"content":"lo"}"#)
                + chunk("{}", finish: #""stop""#)
                + #"data: {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}"# + "\n\n"
                + done
        )
        #expect(
            result.events == [
                .start(StreamStart(id: "c1", model: "m1")),
                .delta(TokenDelta(choice: 0, part: 0, content: .text("Hel"))),
                .delta(TokenDelta(choice: 0, part: 0, content: .text("lo"))),
                .finish(choice: 0, FinishReason(openAI: "stop")),
                .usage(
                    TokenUsage(
                        input: 3,
                        output: 2,
                        total: 5,
                        raw: #"{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}"#
                    )
                ),
                .opaque,
            ]
        )
        #expect(result.counts == [1, 1, 1, 1, 1, 1])
        #expect(result.end == StreamEnd(state: .complete, terminal: "[DONE]"))
    }

    @Test("The start belongs to the first frame and comes before its other events")
    func start() {
        let result = decode(chunk(#"{"content":"a"}"#))
        #expect(result.counts == [2])
        #expect(result.events.first == .start(StreamStart(id: "c1", model: "m1")))
        #expect(decode("").events.isEmpty)
        #expect(decode(": ping\n\n").events.isEmpty)
        #expect(decode("data: what\n\n").events == [.start(StreamStart())])
    }

    @Test("Choices of one stream are told apart by their index, in one chunk or several")
    func choices() {
        let both =
            #"data: {"choices":[{"index":1,"delta":{"content":"b"}},{"index":0,"delta":{"content":"a"}}]}"# + "\n\n"
        let result = decode(both + chunk(#"{"content":"B"}"#, choice: 1, finish: #""length""#) + done)
        #expect(result.fold.choices.map(\.index) == [0, 1])
        #expect(result.fold.text == "a")
        #expect(result.fold.text(choice: 1) == "bB")
        #expect(result.fold.choice(1)?.finishReason == "length")
        #expect(result.fold.finishReason == nil)
    }

    @Test(
        "A choice without an index has it from its delta, else from its place",
        arguments: [
            (#"{"delta":{"index":3,"content":"x"}}"#, 3), (#"{"delta":{"content":"x"},"index":null}"#, 0),
            (#"{"delta":{"index":3,"content":"x"},"index":2}"#, 2), (#"{"index":-9,"delta":{"content":"x"}}"#, -9),
        ]
    )
    func missingIndex(choice: String, index: Int) {
        #expect(decode("data: {\"choices\":[\(choice)]}\n\n").fold.text(choice: index) == "x")
    }

    @Test("Parts number what a choice is made of in order of first appearance")
    func parts() {
        let call = #"{"tool_calls":[{"index":0,"id":"t","function":{"name":"f","arguments":"{"}}]}"#
        let result = decode(
            chunk(#"{"reasoning_content":"r"}"#) + chunk(#"{"reasoning_content":"s","content":null}"#)
                + chunk(#"{"content":"a"}"#) + chunk(call) + chunk(#"{"content":"b"}"#)
                + chunk(#"{"tool_calls":[{"index":0,"function":{"arguments":"}"}}]}"#) + chunk(#"{"content":"c"}"#)
                + chunk(#"{"refusal":"no"}"#) + done
        )
        #expect(result.deltas.map(\.part) == [0, 0, 1, 2, 3, 2, 3, 4])
        let parts = result.fold.choices.first?.parts ?? []
        #expect(parts.map(\.kind) == [.reasoning, .text, .toolCall, .text, .refusal])
        #expect(parts.map(\.text) == ["rs", "a", "{}", "bc", "no"])
        #expect(result.fold.text == "abc")
    }

    @Test("Reasoning that comes under two names counts once")
    func reasoning() {
        let result = decode(
            chunk(#"{"reasoning":"a","reasoning_content":"a"}"#) + chunk(#"{"reasoning":"b"}"#)
                + chunk(#"{"reasoning":"","reasoning_content":null,"content":"c"}"#)
        )
        #expect(result.fold.reasoning == "ab")
        #expect(result.fold.text == "c")
    }

    @Test("Mistral's content may be an array of parts")
    func contentParts() {
        let result = decode(
            chunk(
                #"{"content":[{"type":"thinking","thinking":[{"type":"text","text":"hm"},{"type":"text","text":"m"}]}]}"#
            )
                + chunk(#"{"content":[{"type":"text","text":"a"},{"type":"reference","reference_ids":[1]}]}"#)
                + chunk(#"{"content":[{"type":"thinking","thinking":"x"},{"type":"text","text":"b"}]}"#) + done
        )
        #expect(result.fold.reasoning == "hmmx")
        #expect(result.fold.text == "ab")
        #expect(result.deltas.map(\.part) == [0, 1, 1, 2, 3])
        #expect(result.fold.citations == [Citation(raw: #"{"type":"reference","reference_ids":[1]}"#)])
    }

    @Test("No finish is told for null, an empty word or none, and one word once", arguments: ["null", #""""#, "0"])
    func noFinish(reason: String) {
        let result = decode(
            chunk("{}", finish: reason) + chunk("{}", finish: #""stop""#) + chunk("{}", finish: #""stop""#)
        )
        #expect(result.events.count { $0 == .finish(choice: 0, FinishReason(openAI: "stop")) } == 1)
        #expect(result.counts == [1, 1, 1])
    }

    @Test("Azure's first frame has no choices, and counts as no token")
    func azure() {
        let first = #"data: {"choices":[],"created":0,"id":"","model":"","object":"","prompt_filter_results":[{}]}"#
        let result = decode(first + "\n\n" + chunk(#"{"content":"a"}"#) + done)
        #expect(result.events.first == .start(StreamStart()))
        #expect(result.counts == [1, 1, 1])
        #expect(result.fold.text == "a")
    }

    @Test("A document is read like a stream, and is complete at its end")
    func document() {
        let body = """

            {"id":"c1","object":"chat.completion","model":"m1","choices":[{"index":0,"message":{"role":"assistant",
            "content":"Hi","reasoning_content":"hm","tool_calls":[{"id":"t","type":"function",
            "function":{"name":"f","arguments":"{}"}}]},"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":1}}
            """
        let result = decode(Array(body.utf8).singleBytes, framing: .document)
        #expect(result.end == StreamEnd(state: .complete))
        // Blank lines before it (DeepSeek keeps a connection alive with them) are no part of it.
        #expect(result.frames == [String(body.dropFirst())])
        #expect(result.fold.start == StreamStart(id: "c1", model: "m1"))
        #expect(result.fold.text == "Hi")
        #expect(result.fold.reasoning == "hm")
        #expect(result.fold.toolCalls == [.init(id: "t", name: "f", arguments: "{}")])
        #expect(result.fold.usage?.input == 1)
        #expect(result.fold.finishReason == "tool_calls")
        #expect(decode(String(body.dropLast()), framing: .document).end == StreamEnd(state: .truncated))
    }

    @Test("A malformed frame says nothing, not even with its good beginning")
    func malformed() {
        let result = decode(
            chunk(#"{"content":"a"}"#) + #"data: {"choices":[{"index":0,"delta":{"content":"bad"}}"# + "\n\n"
                + #"data: {"choices":[{"index":0,"delta":{"content":"bad"}}]} x"# + "\n\n" + chunk(#"{"content":"b"}"#)
        )
        #expect(result.fold.text == "ab")
        #expect(result.frames.count == 4)
        #expect(result.counts == [2, 1, 1, 1])
    }

    @Test(
        "Members of the wrong kind are passed over",
        arguments: [
            #"{"choices":null}"#, #"{"choices":{}}"#, #"{"choices":[null,1,"x",[]]}"#, #"{"choices":[{"delta":null}]}"#,
            #"{"choices":[{"delta":[]}]}"#, #"{"choices":[{"index":"x","delta":{"content":1,"tool_calls":{}}}]}"#,
            #"{"choices":[{"delta":{"tool_calls":[null,1,[]],"function_call":null}}]}"#, #"{"usage":{}}"#,
            #"{"usage":1}"#,
            #"{"id":1,"model":null,"error":null,"object":1}"#, "[]", "1", "null", #""x""#, "{}",
        ]
    )
    func wrongKinds(data: String) {
        let result = decode("data: \(data)\n\n" + done)
        #expect(result.events == [.start(StreamStart()), .opaque])
        #expect(result.end.state == .complete)
    }

    @Test("Strings come unescaped, keys may be written with escapes")
    func escapes() {
        let result = decode(chunk(#"{"\u0063ontent":"\ud83c\udf0d \"\\\/\n\u00e9 \ud83c"}"#))
        #expect(result.fold.text == "🌍 \"\\/\né \u{FFFD}")
    }
}
