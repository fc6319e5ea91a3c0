import Dialects
import Testing

@Suite struct AnthropicEndTests {
    private let body = messageStart() + textBlock(0, "a")

    @Test("R5: a body that ends without message_stop is truncated, even after its reason to stop")
    func truncated() {
        #expect(decode(body, .anthropicMessages).end == StreamEnd(state: .truncated))
        #expect(decode(body + messageDelta(), .anthropicMessages).end == StreamEnd(state: .truncated))
        #expect(decode(body + messageDelta() + done, .anthropicMessages).end == StreamEnd(state: .truncated))
        #expect(decode("", .anthropicMessages).end == StreamEnd(state: .truncated))
    }

    @Test("R5: a last event counts without its line ends, cut short it doesn't", arguments: ["", "\n", "\r\n", "\r"])
    func unterminated(tail: String) {
        let stop = String(messageStop.dropLast(2))
        #expect(decode(body + stop + tail, .anthropicMessages).end.state == .complete)
        #expect(decode(body + stop.dropLast(1) + tail, .anthropicMessages).end.state == .truncated)
    }

    @Test("R13: a stream ends with its terminal event, not with its body", arguments: [true, false])
    func terminal(isError: Bool) {
        var decoder = StreamDecoder(dialect: .anthropicMessages)
        var buffer = EventBuffer()
        decoder.feed(Array(body.utf8).span.bytes, into: &buffer)
        #expect(!decoder.hasEnded)
        let last = isError ? anthropic("error", #""error":{"message":"m"}"#) : messageStop
        decoder.feed(Array(last.utf8).span.bytes, into: &buffer)
        #expect(decoder.hasEnded)
        #expect(decoder.end?.state == (isError ? .error : .complete))
    }

    @Test(
        "R12: what comes after the end is ignored, [DONE] and another message too",
        arguments: [messageStop, anthropic("error", #""error":{"message":"m"}"#)]
    )
    func afterEnd(last: String) {
        let whole = decode(body + last, .anthropicMessages)
        let tail = done + textBlock(0, "b") + messageStart() + messageStop + anthropic("error", #""error":{}"#)
        #expect(decode(body + last + tail, .anthropicMessages) == whole)
        #expect(decode(done + body + done + last, .anthropicMessages).end == whole.end)
    }

    @Test("R7: [DONE] inside a text is a text")
    func content() {
        let result = decode(messageStart() + textBlock(0, #"data: [DONE]\n\n"#) + messageStop, .anthropicMessages)
        #expect(result.fold.text == "data: [DONE]\n\n")
        #expect(result.end.terminal == "message_stop")
    }

    @Test("The name alone ends a stream")
    func name() {
        for data in ["data:\n\n", "data: {}\n\n"] {
            #expect(decode(body + "event: message_stop\n" + data, .anthropicMessages).end.state == .complete)
        }
    }

    @Test(
        "R14, R15: an error within the stream ends it, whatever its shape",
        arguments: [
            (anthropic("error", #""error":{"type":"overloaded_error","message":"m"}"#), "m", "overloaded_error", 529),
            (
                #"data: {"type":"error","error":{"type":"api_error","message":"m"},"request_id":"r"}"#, "m",
                "api_error", 500
            ),
            (
                "event: error\ndata: {\"error\":{\"type\":\"rate_limit_error\",\"message\":\"m\"}}", "m",
                "rate_limit_error", 429
            ),
            (#"data: {"error":{"type":"new_error","message":"m"}}"#, "m", "new_error", nil),
            (#"data: {"error":{"type":"api_error","message":"m","code":503}}"#, "m", "api_error", 503),
            (anthropic("error", #""message":"m""#), "m", nil, nil), ("event: error\ndata: m", "m", nil, nil),
            (anthropic("error", #""error":"m""#), "m", nil, nil), ("error: m", "m", nil, nil),
            ("event: error\ndata: {\"type\":\"ping\",\"error\":{\"message\":\"m\"}}", "m", nil, nil),
            (anthropic("error", #""error":{}"#), "{}", nil, nil),
        ] as [(String, String, String?, Int?)]
    )
    func errors(frame: String, message: String, type: String?, status: Int?) {
        for tail in ["\n\n", "\n\n" + messageStop] {
            let result = decode(body + frame + tail, .anthropicMessages)
            #expect(result.end.state == .error && result.end.terminal == "error")
            #expect(result.end.error?.message == message)
            #expect(result.end.error?.type == type)
            #expect(result.end.error?.status == status)
            #expect(result.fold.text == "a")
        }
    }

    @Test(
        "R14: the type of an error tells its status",
        arguments: [
            ("invalid_request_error", 400), ("authentication_error", 401), ("billing_error", 402),
            ("permission_error", 403), ("not_found_error", 404), ("request_too_large", 413), ("rate_limit_error", 429),
            ("api_error", 500), ("timeout_error", 504), ("overloaded_error", 529),
        ]
    )
    func statuses(type: String, status: Int) {
        let text = #"{"type":"error","error":{"type":"\#(type)","message":"m"},"request_id":"r"}"#
        let result = decode(text, .anthropicMessages, framing: .document)
        #expect(result.end == decode("data: \(text)\n\n", .anthropicMessages).end)
        #expect(
            result.end
                == StreamEnd(
                    state: .error,
                    terminal: "error",
                    error: StreamError(message: "m", type: type, status: status)
                )
        )
    }

    @Test("R11: a call that an error cuts short keeps what it has, and gets nothing made up")
    func cutCall() {
        let error = anthropic("error", #""error":{"message":"m"}"#)
        for tail in [error, ""] {
            let half = decode(messageStart() + toolStart(0, "t") + inputDelta(0, #"{\"a"#) + tail, .anthropicMessages)
            #expect(half.fold.toolCalls.map(\.arguments) == [#"{"a"#])
            #expect(half.fold.finishReason == nil)
            let none = decode(messageStart() + toolStart(0, "t") + tail, .anthropicMessages)
            #expect(none.fold.toolCalls.map(\.arguments) == [""])
            let given = decode(messageStart() + toolStart(0, "t", input: "[1]") + tail, .anthropicMessages)
            #expect(given.fold.toolCalls.map(\.arguments) == ["[1]"])
        }
    }
}
