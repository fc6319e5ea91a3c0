import Dialects
import Testing

@Suite struct OpenAIChatEndTests {
    @Test("R5: a body that ends without [DONE] is truncated, even after its finish reason")
    func truncated() {
        #expect(decode(chunk(#"{"content":"a"}"#)).end == StreamEnd(state: .truncated))
        #expect(decode(chunk("{}", finish: #""stop""#)).end == StreamEnd(state: .truncated))
        #expect(decode("").end == StreamEnd(state: .truncated))
    }

    @Test("R5: a last frame counts without its line ends", arguments: ["", "\n", "\r", "\r\n"])
    func unterminated(tail: String) {
        let result = decode(chunk(#"{"content":"a"}"#) + "data: [DONE]" + tail)
        #expect(result.end == StreamEnd(state: .complete, terminal: "[DONE]"))
        let last = #"data: {"choices":[{"index":0,"delta":{"content":"b"}}]}"#
        #expect(decode(chunk(#"{"content":"a"}"#) + last + tail).fold.text == "ab")
    }

    @Test(
        "R5: a last frame that breaks off is no frame",
        arguments: [
            "data: {\"choices\":[{\"index\":0,\"del", "data: {\"choices\":[]", "data: [DON", "da", "data: ", "event: x",
        ]
    )
    func cutOff(tail: String) {
        let result = decode(chunk(#"{"content":"a"}"#) + tail)
        #expect(result.end == StreamEnd(state: .truncated))
        #expect(result.fold.text == "a")
        #expect(result.frames.count == (tail == "data: " ? 2 : 1))
    }

    @Test(
        "R7: [DONE] inside content is not the end",
        arguments: [
            #"{"content":"[DONE]"}"#, #"{"content":"data: [DONE]"}"#, #"{"content":"\n\ndata: [DONE]\n\n"}"#,
        ]
    )
    func content(delta: String) {
        let result = decode(chunk(delta) + chunk(#"{"content":"!"}"#))
        #expect(result.end == StreamEnd(state: .truncated))
        #expect(result.fold.text.hasSuffix("!"))
    }

    @Test(
        "R7: [DONE] is the whole data of a frame, white space aside",
        arguments: [
            ("data: [DONE]\n\n", true), ("data:[DONE]\n\n", true), ("data:  [DONE] \n\n", true),
            ("event: done\ndata: [DONE]\n\n", true), ("data: [DONE]x\n\n", false), ("data: [done]\n\n", false),
            ("data: \"[DONE]\"\n\n", false), ("data: [\ndata: DONE]\n\n", false),
            ("data: [DONE]\ndata: [DONE]\n\n", false),
            (": [DONE]\n\n", false), ("[DONE]\n\n", false), ("event: [DONE]\ndata\n\n", false),
        ]
    )
    func exact(text: String, isEnd: Bool) {
        #expect((decode(text, framing: .serverSentEvents).end.state == .complete) == isEnd)
    }

    @Test("R12: what comes after [DONE] is ignored, be it [DONE] again, content or an error")
    func afterEnd() {
        let before = chunk(#"{"content":"a"}"#) + done
        let whole = decode(before)
        #expect(decode(before + done + chunk(#"{"content":"b"}"#) + "data: {\"error\":\"x\"}\n\n" + done) == whole)
    }

    @Test(
        "R14: an error within the stream ends it, whatever its shape",
        arguments: [
            (#"data: {"error":{"message":"m","type":"t","param":null,"code":"c"}}"#, "m", "t", "c", nil),
            (#"data: {"error":{"code":503,"message":"m","type":"t"}}"#, "m", "t", "503", 503),
            (#"data: {"error":"m"}"#, "m", nil, nil, nil),
            (#"data: {"object":"error","message":"m","type":"t","param":null,"code":400}"#, "m", "t", "400", 400),
            (#"error: {"code":500,"message":"m","type":"t"}"#, "m", "t", "500", 500),
            ("error: m", "m", nil, nil, nil),
            ("event: error\ndata: {\"error\":{\"message\":\"m\",\"status_code\":429}}", "m", nil, nil, 429),
            ("event: error\ndata: {\"message\":\"m\",\"code\":\"c\"}", "m", nil, "c", nil),
            ("event: error\ndata: m", "m", nil, nil, nil),
            (#"data: {"error":{"message":"m","code":"content_filter","status":400}}"#, "m", nil, "content_filter", 400),
            (#"data: {"error":{}}"#, "{}", nil, nil, nil),
        ] as [(String, String, String?, String?, Int?)]
    )
    func errors(frame: String, message: String, type: String?, code: String?, status: Int?) {
        for tail in ["", "\n\n", "\n\ndata: [DONE]\n\n", "\n\n" + chunk(#"{"content":"b"}"#)] {
            let result = decode(chunk(#"{"content":"a"}"#) + frame + tail)
            #expect(
                result.end
                    == StreamEnd(
                        state: .error,
                        terminal: "error",
                        error: StreamError(message: message, type: type, code: code, status: status)
                    )
            )
            #expect(result.fold.text == "a")
        }
    }

    @Test("R14: an error beside content ends the stream with that content")
    func errorWithContent() {
        let frame =
            #"data: {"error":{"message":"m"},"choices":[{"delta":{"content":"b"},"finish_reason":"error"}]}"# + "\n\n"
        let result = decode(chunk(#"{"content":"a"}"#) + frame)
        #expect(result.fold.text == "ab")
        #expect(result.fold.finishReason == "error")
        #expect(result.end.state == .error)
    }

    @Test("No error is an error that says nothing", arguments: ["null", "false", #""""#, "0"])
    func noError(value: String) {
        #expect(decode("data: {\"error\":\(value),\"choices\":[]}\n\n" + done).end.state == .complete)
    }

    @Test("An error document ends in an error")
    func errorDocument() {
        let result = decode(#"{"error":{"message":"m","type":"t"}}"#, framing: .document)
        #expect(result.end.state == .error)
        #expect(result.end.error == StreamError(message: "m", type: "t"))
        #expect(result.frames.count == 1)
    }

    @Test("R8: comments are neither frames nor data")
    func comments() {
        let comment = ": OPENROUTER PROCESSING\n\n"
        let plain = chunk(#"{"content":"a"}"#) + done
        #expect(decode(comment + chunk(#"{"content":"a"}"#) + comment + comment + done + comment) == decode(plain))
    }
}
