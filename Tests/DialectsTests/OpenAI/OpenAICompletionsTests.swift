import Dialects
import Testing

@Suite struct OpenAICompletionsTests {
    private func piece(_ text: String, choice: Int = 0, finish: String = "null") -> String {
        #"data: {"id":"cmpl-1","object":"text_completion","model":"m1","choices":[{"text":"\#(text)","#
            + #""index":\#(choice),"logprobs":null,"finish_reason":\#(finish)}]}"# + "\n\n"
    }

    @Test("A completion is its start, its pieces, its finish and its usage, frame by frame")
    func whole() {
        let result = decode(
            piece("Hel") + piece("lo") + piece("", finish: #""length""#)
                + #"data: {"object":"text_completion","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2}}"#
                + "\n\n" + done,
            .openAICompletions
        )
        #expect(
            result.events == [
                .start(StreamStart(id: "cmpl-1", model: "m1")),
                .delta(TokenDelta(choice: 0, part: 0, content: .text("Hel"))),
                .delta(TokenDelta(choice: 0, part: 0, content: .text("lo"))),
                .finish(choice: 0, FinishReason(raw: "length", kind: .length)),
                .usage(TokenUsage(input: 3, output: 2, raw: #"{"prompt_tokens":3,"completion_tokens":2}"#)),
                .opaque,
            ]
        )
        #expect(result.end == StreamEnd(state: .complete, terminal: "[DONE]"))
    }

    @Test("Choices are told apart by their index")
    func choices() {
        let result = decode(
            piece("a") + piece("b", choice: 1) + piece("A") + piece("B", choice: 1, finish: #""stop""#) + done,
            .openAICompletions
        )
        #expect(result.fold.text == "aA")
        #expect(result.fold.text(choice: 1) == "bB")
        #expect(result.fold.choice(1)?.finishReason == "stop")
    }

    @Test("R5: without [DONE] a completion is truncated")
    func truncated() {
        #expect(decode(piece("a", finish: #""stop""#), .openAICompletions).end == StreamEnd(state: .truncated))
        #expect(decode("", .openAICompletions).end == StreamEnd(state: .truncated))
    }

    @Test(
        "R14: an error within the stream ends it, whatever its shape",
        arguments: [
            #"data: {"error":{"message":"m","type":"t","code":"c"}}"#, #"data: {"object":"error","message":"m"}"#,
            #"error: {"message":"m"}"#, "event: error\ndata: m",
        ]
    )
    func errors(frame: String) {
        let result = decode(piece("a") + frame + "\n\n" + done, .openAICompletions)
        #expect(result.fold.text == "a")
        #expect(result.end.state == .error)
        #expect(result.end.error?.message == "m")
    }

    @Test("Writer's pieces are values, and the end of their body is theirs")
    func writer() {
        let value = { (text: String) in #"data: {"value":"\#(text)"}"# + "\n\n" }
        let result = decode(value("Hel") + value("") + value("lo"), .openAICompletions)
        #expect(result.fold.text == "Hello")
        #expect(result.end == StreamEnd(state: .complete))
        #expect(result.counts == [2, 1, 1])
        #expect(decode(value("a") + #"data: {"error":"m"}"#, .openAICompletions).end.state == .error)
        #expect(decode(value("a") + done, .openAICompletions).end.terminal == "[DONE]")
        #expect(decode(#"data: {"value":7}"# + "\n\n", .openAICompletions).end.state == .truncated)
        // In a completion as OpenAI's are, a member of that name is nobody's.
        #expect(decode(piece("a") + value("b"), .openAICompletions).fold.text == "a")
        #expect(decode(piece("a") + value("b"), .openAICompletions).end.state == .truncated)
    }

    @Test("A document is read like a stream, and is complete at its end")
    func document() {
        let body = #"{"id":"c","object":"text_completion","choices":[{"text":"a","index":0,"finish_reason":"stop"}]}"#
        let result = decode(body, .openAICompletions, framing: .document)
        #expect(result.fold.text == "a")
        #expect(result.end == StreamEnd(state: .complete))
        let error = decode(#"{"error":{"message":"m"}}"#, .openAICompletions, framing: .document)
        #expect(error.end.state == .error)
    }
}
