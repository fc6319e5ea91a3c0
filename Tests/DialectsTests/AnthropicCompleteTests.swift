import Dialects
import Testing

@Suite struct AnthropicCompleteTests {
    private func completion(_ text: String, reason: String = "null", ending: String = "\r\n") -> String {
        let data =
            #"{"type":"completion","id":"c1","completion":"\#(text)","stop_reason":\#(reason),"model":"claude-2.1"}"#
        return "event: completion\(ending)data: \(data)   \(ending)\(ending)"
    }

    @Test("A completion's text comes in pieces, and its reason to stop ends it", arguments: ["\n", "\r\n", "\r"])
    func text(ending: String) {
        let body =
            completion(" a", ending: ending) + "event: ping\(ending)data: {\"type\": \"ping\"}\(ending)\(ending)"
            + completion("", ending: ending) + completion("b", reason: #""stop_sequence""#, ending: ending)
        let result = decode(body, .anthropicComplete)
        #expect(result.pieces == ["0 text  a", "0 text b"])
        #expect(result.fold.start == StreamStart(id: "c1", model: "claude-2.1"))
        #expect(result.fold.choice(0)?.finish == FinishReason(raw: "stop_sequence", kind: .stop))
        #expect(result.end == StreamEnd(state: .complete, terminal: "stop_reason"))
        #expect(decode(body + completion("c") + done, .anthropicComplete) == result)
        #expect(decode(body, .generic) == result)
    }

    @Test("R5: a completion without a reason to stop is truncated, with [DONE] or without")
    func truncated() {
        #expect(decode(completion("a"), .anthropicComplete).end == StreamEnd(state: .truncated))
        #expect(decode(completion("a") + done, .anthropicComplete).end == StreamEnd(state: .truncated))
    }

    @Test("Events without a name or a type are completions if they have one")
    func untyped() {
        let body = #"data: {"completion":"a","stop_reason":"max_tokens"}"# + "\n\n"
        let result = decode(body, .anthropicComplete)
        #expect(result.fold.text == "a")
        #expect(result.fold.choice(0)?.finish?.kind == .length)
        let other = #"data: {"type":"new","completion":"a","stop_reason":"max_tokens"}"# + "\n\n"
        #expect(decode(other, .anthropicComplete).events == [.start(StreamStart())])
    }

    @Test(
        "R14: an error ends a completion",
        arguments: [
            anthropic("error", #""error":{"type":"overloaded_error","message":"m"}"#),
            "data: {\"error\":{\"type\":\"overloaded_error\",\"message\":\"m\"}}\n\n",
        ]
    )
    func errors(frame: String) {
        let result = decode(completion("a") + frame + completion("b"), .anthropicComplete)
        let error = StreamError(message: "m", type: "overloaded_error", status: 529)
        #expect(result.end == StreamEnd(state: .error, terminal: "error", error: error))
        #expect(result.fold.text == "a")
        #expect(decode("error: x\n", .anthropicComplete).end.error?.message == "x")
    }

    @Test("A document is a completion that is there at once")
    func document() {
        let text =
            #"{"completion":" Hi","stop_reason":"stop_sequence","model":"claude-2.1","type":"completion","id":"c"}"#
        let result = decode(text, .anthropicComplete, framing: .document)
        #expect(result.fold.text == " Hi")
        #expect(result.end == StreamEnd(state: .complete))
        let error = #"{"type":"error","error":{"type":"not_found_error","message":"m"}}"#
        #expect(decode(error, .anthropicComplete, framing: .document).end.error?.status == 404)
    }
}
