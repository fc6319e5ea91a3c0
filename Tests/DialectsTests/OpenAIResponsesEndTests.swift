import Dialects
import Testing

private let created = responseEvent(
    "response.created",
    #""response":{"id":"resp_1","model":"m1","status":"in_progress"}"#
)
private let delta = responseEvent("response.output_text.delta", #""output_index":0,"content_index":0,"delta":"a""#)
private let call = responseEvent(
    "response.output_item.done",
    #""output_index":1,"item":{"type":"function_call","call_id":"c","name":"f","arguments":"{}"}"#
)

private func ended(_ type: String, _ response: String) -> String { responseEvent(type, #""response":\#(response)"#) }

@Suite struct OpenAIResponsesEndTests {
    @Test("R5: a body that ends without its last event is truncated, and [DONE] doesn't change that")
    func truncated() {
        for body in ["", created, created + delta, created + delta + done, done] {
            #expect(decode(body, .openAIResponses).end == StreamEnd(state: .truncated))
        }
    }

    @Test("R5: a last event counts without its blank line", arguments: ["", "\n", "\r", "\r\n", "\n\n"])
    func unterminated(tail: String) {
        let last = #"data: {"type":"response.completed","response":{"status":"completed","usage":{"input_tokens":0}}}"#
        let result = decode(created + delta + last + tail, .openAIResponses)
        #expect(result.end == StreamEnd(state: .complete, terminal: "response.completed"))
        #expect(result.fold.usage?.input == 0)
    }

    @Test("R20: a count of nothing is a count, and one that isn't there is none")
    func counts() {
        let usage = #"{"usage":{"input_tokens":0,"output_tokens_details":{"reasoning_tokens":0}}}"#
        let found = decode(created + ended("response.completed", usage), .openAIResponses).fold.usage
        #expect((found?.input, found?.reasoning) == (0, 0))
        #expect((found?.output, found?.total, found?.cached) == (nil, nil, nil))
    }

    @Test(
        "A response's status and what made it incomplete are why it ended",
        arguments: [
            ("response.completed", #"{"status":"completed"}"#, "completed", FinishReason.Kind.stop),
            ("response.completed", "{}", "completed", .stop), ("response.completed", "null", "completed", .stop),
            ("response.completed", #"{"status":"in_progress"}"#, "completed", .stop),
            ("response.done", #"{"status":"completed"}"#, "completed", .stop),
            (
                "response.incomplete", #"{"status":"incomplete","incomplete_details":{"reason":"max_output_tokens"}}"#,
                "max_output_tokens", .length
            ),
            (
                "response.incomplete", #"{"status":"incomplete","incomplete_details":{"reason":"content_filter"}}"#,
                "content_filter", .contentFilter
            ),
            ("response.incomplete", #"{"incomplete_details":{"reason":"steered"}}"#, "steered", .other),
            ("response.incomplete", #"{"status":"incomplete","incomplete_details":null}"#, "incomplete", .other),
            (
                "response.completed", #"{"status":"incomplete","incomplete_details":{"reason":"max_output_tokens"}}"#,
                "max_output_tokens", .length
            ),
        ]
    )
    func finishes(type: String, response: String, raw: String, kind: FinishReason.Kind) {
        let result = decode(created + delta + ended(type, response), .openAIResponses)
        #expect(result.end == StreamEnd(state: .complete, terminal: type))
        #expect(result.fold.choice(0)?.finish == FinishReason(raw: raw, kind: kind))
        let withCall = decode(created + call + ended(type, response), .openAIResponses).fold.choice(0)?.finish
        #expect(withCall == FinishReason(raw: raw, kind: kind == .stop ? .toolCalls : kind))
    }

    @Test(
        "R19: usage comes with an incomplete and a failed response too, and null is none",
        arguments: ["response.completed", "response.incomplete", "response.failed"]
    )
    func usage(type: String) {
        let usage =
            #"{"input_tokens":9,"input_tokens_details":{"cached_tokens":4},"output_tokens":5,"#
            + #""output_tokens_details":{"reasoning_tokens":0},"total_tokens":14}"#
        let result = decode(created + delta + ended(type, #"{"usage":\#(usage)}"#), .openAIResponses)
        #expect(
            result.fold.usage == TokenUsage(input: 9, output: 5, total: 14, cached: 4, reasoning: 0, raw: usage)
        )
        #expect(decode(created + delta + ended(type, #"{"usage":null}"#), .openAIResponses).fold.usage == nil)
    }

    @Test("R15: a failed response is an error, in its own words")
    func failed() {
        let error = #"{"code":"server_error","message":"m"}"#
        let result = decode(
            created + delta + ended("response.failed", #"{"status":"failed","error":\#(error)}"#),
            .openAIResponses
        )
        let expected = StreamError(message: "m", code: "server_error")
        #expect(result.end == StreamEnd(state: .error, terminal: "response.failed", error: expected))
        #expect(result.fold.choice(0)?.finish == FinishReason(raw: "failed", kind: .error))
        for response in [#"{"status":"failed","error":null}"#, "null"] {
            let end = decode(ended("response.failed", response), .openAIResponses).end
            #expect(end.state == .error)
            #expect(end.error?.message == "the response failed, no reason was given")
        }
        let inverse = ended("response.completed", #"{"status":"failed","error":\#(error)}"#)
        #expect(decode(inverse, .openAIResponses).end.error == expected)
    }

    @Test("A cancelled response is neither complete nor an error")
    func cancelled() {
        let result = decode(created + ended("response.cancelled", #"{"status":"cancelled"}"#), .openAIResponses)
        #expect(result.end == StreamEnd(state: .cancelled, terminal: "response.cancelled"))
        #expect(result.fold.choice(0)?.finish == FinishReason(raw: "cancelled", kind: .other))
    }

    private static let shapes: [(String, StreamError)] = [
        (
            responseEvent("error", #""error":{"type":"t","code":"c","message":"m","param":null}"#),
            StreamError(message: "m", type: "t", code: "c")
        ),
        (
            responseEvent("error", #""sequence_number":2,"code":"c","message":"m","param":null"#),
            StreamError(message: "m", code: "c")
        ),
        ("data: {\"type\":\"error\",\"code\":null,\"message\":\"m\"}\n\n", StreamError(message: "m")),
        ("data: {\"error\":{\"message\":\"m\",\"code\":503}}\n\n", StreamError(message: "m", code: "503", status: 503)),
        ("data: {\"error\":\"m\"}\n\n", StreamError(message: "m")),
        ("data: {\"object\":\"error\",\"message\":\"m\",\"type\":\"t\"}\n\n", StreamError(message: "m", type: "t")),
        ("data: {\"type\":\"t\",\"error\":{\"message\":\"m\"}}\n\n", StreamError(message: "m")),
        ("event: error\ndata: m\n\n", StreamError(message: "m")),
        ("event: error\ndata: {\"message\":\"m\"}\n\n", StreamError(message: "m")),
        ("event: error\ndata: {\"type\":\"t\",\"message\":\"m\"}\n\n", StreamError(message: "m", type: "t")),
        ("error: {\"message\":\"m\",\"code\":500}\n\n", StreamError(message: "m", code: "500", status: 500)),
    ]

    @Test("R14: an error is one in each of its shapes", arguments: shapes)
    func errors(event: String, error: StreamError) {
        let end = StreamEnd(state: .error, terminal: "error", error: error)
        let result = decode(created + delta + event, .openAIResponses)
        #expect(result.end == end)
        #expect(result.fold.text == "a")
        #expect(result.fold.finishReason == "failed")
        // Without a response there is none that could have failed.
        let alone = decode(event, .openAIResponses, framing: .serverSentEvents)
        #expect(alone.end == end)
        #expect(alone.fold.choices.isEmpty)
    }

    @Test("An error that is null, or another event's, is none")
    func noError() {
        let events =
            responseEvent("response.in_progress", #""response":{"error":null},"error":null"#)
            + responseEvent("response.mcp_call.failed", #""error":{"message":"the tool's own"}"#)
            + #"data: {"error":null}"# + "\n\n"
        #expect(decode(created + events, .openAIResponses).end.state == .truncated)
    }

    @Test("R14: an answer that is an error document is an error")
    func errorDocument() {
        let body = #"{"error":{"message":"m","type":"invalid_request_error","param":null,"code":null}}"#
        let end = decode(body, .openAIResponses, framing: .document).end
        #expect(end.error == StreamError(message: "m", type: "invalid_request_error"))
        let failed = #"{"object":"response","status":"failed","error":{"code":"c","message":"m"},"output":[]}"#
        let result = decode(failed, .openAIResponses, framing: .document)
        #expect(result.end == StreamEnd(state: .error, error: StreamError(message: "m", code: "c")))
        #expect(result.fold.finishReason == "failed")
    }

    @Test("R12, R13: what comes after the end is ignored, be it [DONE], content or another end")
    func afterEnd() {
        for end in [
            ended("response.completed", "{}"), ended("response.failed", "{}"),
            responseEvent("error", #""message":"m""#),
        ] {
            let whole = decode(created + delta + end, .openAIResponses)
            for more in [done, delta, created, ended("response.failed", "{}"), ended("response.completed", "{}")] {
                #expect(decode(created + delta + end + more + done, .openAIResponses) == whole)
            }
        }
    }

    @Test("R13: the end is known with its event, before the body is over")
    func known() {
        var decoder = StreamDecoder(dialect: .openAIResponses)
        var events = EventBuffer()
        let body = Array((created + delta + ended("response.incomplete", "{}")).utf8)
        let bytes = body.span.bytes
        for index in body.indices {
            #expect(!decoder.hasEnded)
            decoder.feed(bytes.extracting(index..<index + 1), into: &events)
        }
        #expect(decoder.hasEnded)
        #expect(decoder.end == StreamEnd(state: .complete, terminal: "response.incomplete"))
    }

    @Test("R7, R8: [DONE] in a text is text, and comments are neither frames nor data")
    func text() {
        let words = responseEvent("response.output_text.delta", #""delta":"data: [DONE]\n\n""#)
        let result = decode(
            ": ping\n\n" + created + ": ping\n" + words + ": ping\n\n" + ended("response.completed", "{}"),
            .openAIResponses
        )
        #expect(result.fold.text == "data: [DONE]\n\n")
        #expect(result.frames.count == 3)
    }
}
