import Dialects
import Testing

/// A line of Cohere's chat, version 1.
private func line(_ type: String, _ rest: String = "") -> String {
    #"{"is_finished":\#(type == "stream-end"),"event_type":"\#(type)"\#(rest.isEmpty ? "" : "," + rest)}"# + "\n"
}

private func text(_ text: String) -> String { line("text-generation", #""text":"\#(text)""#) }

private func last(_ reason: String = "COMPLETE", _ response: String = "") -> String {
    line(
        "stream-end",
        #""finish_reason":"\#(reason)","response":{"response_id":"r","text":"again","generation_id":"g"\#(response)}"#
    )
}

private let first = line("stream-start", #""generation_id":"g""#)
private let meta = #"{"api_version":{"version":"1"},"tokens":{"input_tokens":8,"output_tokens":2},"cached_tokens":3}"#

private func decoded(_ body: String) -> Decoded { decode(body, .cohereChatV1) }

@Suite struct CohereChatV1Tests {
    /// As an event stream, which some hosts make of the lines.
    private static func events(_ body: String) -> String {
        body.split(separator: "\n").map { "data: \($0)\n\n" }.joined()
    }

    @Test("Text comes in pieces, and the last event's repetition isn't taken twice", arguments: [false, true])
    func content(isEventStream: Bool) {
        let body = first + text("a") + text("b") + last("MAX_TOKENS", #","meta":\#(meta)"#)
        let result = decoded(isEventStream ? Self.events(body) : body)
        #expect(result.fold.start == StreamStart(id: "g"))
        #expect(result.fold.text == "ab")
        #expect(result.fold.usage == TokenUsage(input: 8, output: 2, cached: 3, raw: meta))
        #expect(result.fold.choice(0)?.finish == FinishReason(raw: "MAX_TOKENS", kind: .length))
        #expect(result.end == StreamEnd(state: .complete, terminal: "stream-end"))
        // Under any path, and under a wrong content type.
        #expect(decode(isEventStream ? Self.events(body) : body, .ollamaChat) == result)
        #expect(decode(isEventStream ? Self.events(body) : body, .cohereChatV1, framing: .document) == result)
        #expect(decode(Array(body.utf8).singleBytes, .cohereChatV1) == decoded(body))
    }

    @Test("Lines may have only their event's name, blank lines between them, and other members")
    func names() {
        #expect(decoded("event: text-generation\ndata: {\"text\":\"a\"}\n\n").fold.text == "a")
        #expect(decoded(first + "\n" + text("a") + "\n\n" + last()).fold.text == "a")
    }

    @Test("R21: calls come in pieces and are then told as a whole; interleaved ones are told apart by their index")
    func toolCalls() {
        func chunk(_ rest: String) -> String { line("tool-calls-chunk", rest) }
        let body =
            first + chunk(#""text":"I will""#) + chunk(#""tool_call_delta":{"text":" ask."}"#)
            + chunk(#""tool_call_delta":{"index":0,"name":"f"}"#) + chunk(#""tool_call_delta":{"index":1,"name":"g"}"#)
            + chunk(#""tool_call_delta":{"index":0,"parameters":"{\"x\":"}"#)
            + chunk(#""tool_call_delta":{"index":1,"parameters":"{}"}"#)
            + chunk(#""tool_call_delta":{"index":0,"parameters":"1}"}"#)
        let whole = line(
            "tool-calls-generation",
            #""text":"I will ask.","tool_calls":[{"name":"f","parameters":{"x":1}},{"name":"g","parameters":{}}]"#
        )
        let calls: [MessageFold.ToolCall] = [
            .init(name: "f", arguments: #"{"x":1}"#), .init(name: "g", arguments: "{}"),
        ]
        for body in [body + whole, first + whole, body] {
            let result = decoded(body + last())
            #expect(result.fold.toolCalls == calls)
            #expect(result.fold.reasoning == "I will ask." && result.fold.text.isEmpty)
            #expect(result.fold.choice(0)?.finish == FinishReason(raw: "COMPLETE", kind: .toolCalls))
        }
    }

    @Test("R21: a name at a used index begins a call, unless it repeats whose parameters these are")
    func sameIndex() {
        func chunk(_ delta: String) -> String { line("tool-calls-chunk", #""tool_call_delta":{"index":0,\#(delta)}"#) }
        let result = decoded(
            first + chunk(#""name":"f""#) + chunk(#""name":"f","parameters":"1""#)
                + chunk(#""name":"f","parameters":"2""#) + chunk(#""name":"f""#) + chunk(#""parameters":"3""#)
                + chunk(#""name":"g","parameters":"4""#) + last()
        )
        #expect(
            result.fold.toolCalls == [
                .init(name: "f", arguments: "12"), .init(name: "f", arguments: "3"), .init(name: "g", arguments: "4"),
            ]
        )
    }

    @Test("A call of which only the name came in pieces gets its parameters from the whole")
    func late() {
        let result = decoded(
            first + line("tool-calls-chunk", #""tool_call_delta":{"index":0,"name":"f"}"#)
                + line("tool-calls-generation", #""tool_calls":[{"name":"f","parameters":{"x":1}},7]"#) + last()
        )
        #expect(result.fold.toolCalls == [.init(name: "f", arguments: #"{"x":1}"#)])
    }

    @Test("A citation names documents that came before it")
    func citations() {
        let raw = #"{"start":0,"end":1,"text":"a","document_ids":["none","d1"]}"#
        let result = decoded(
            first
                + line(
                    "search-results",
                    #""documents":[{"id":"d1","url":"u","title":"t"},{"id":"none"},{"title":"x"},7]"#
                )
                + text("a") + line("citation-generation", #""citations":[\#(raw),{"document_ids":["d2"]},7]"#) + last()
        )
        #expect(
            result.fold.citations == [
                Citation(url: "u", title: "t", raw: raw), Citation(raw: #"{"document_ids":["d2"]}"#),
            ]
        )
    }

    @Test("R14: an error as the reason to finish, or as a line of its own, is one")
    func errors() {
        let reason = decoded(first + text("a") + last("ERROR_TOXIC")).end
        #expect(reason.state == .error && reason.error?.type == "ERROR_TOXIC" && reason.terminal == "stream-end")
        for failure in [
            #"{"message":"it broke"}"#, #"{"event_type":"stream-error","finish_reason":"ERROR","err":"it broke"}"#,
            #"{"error":{"message":"it broke"}}"#,
        ] {
            for body in [failure, first + text("a") + failure + "\n" + last()] {
                #expect(decoded(body).end.error?.message == "it broke")
            }
            #expect(decode(failure, .cohereChatV1, framing: .document).end.state == .error)
        }
    }

    @Test("R5: without stream-end a body is truncated", arguments: ["", "{\"event_type\":\"stream-en", "[DONE]\n"])
    func truncated(tail: String) {
        #expect(decoded(first + text("a") + tail).end == StreamEnd(state: .truncated))
    }

    @Test("What isn't known says nothing")
    func unknown() {
        let result = decoded(
            first + line("search-queries-generation", #""search_queries":[{"text":"q"}]"#)
                + line("debug", #""prompt":"p""#)
                + line("new", #""text":"x""#) + "7\n" + text("a") + last()
        )
        #expect(result.fold.text == "a")
        #expect(result.counts == [1, 1, 1, 1, 1, 1, 1])
    }

    @Test(
        "An answer that isn't streamed has all of it in one document",
        arguments: [Dialect.Framing.document, .ndjson]
    )
    func document(framing: Dialect.Framing) {
        let rest = #""generation_id":"g","finish_reason":"COMPLETE","meta":\#(meta)"#
        let answer = decode(
            #"{"text":"a","documents":[{"id":"d","title":"t"}],"citations":[{"document_ids":["d"]}],\#(rest)}"#,
            .cohereChatV1,
            framing: framing
        )
        #expect(answer.fold.text == "a" && answer.fold.citations.first?.title == "t")
        #expect(answer.fold.start?.id == "g" && answer.fold.usage?.output == 2)
        #expect(answer.end == StreamEnd(state: .complete))
        let calls = decode(
            #"{"text":"I will.","tool_calls":[{"name":"f","parameters":{}},{"name":"f","parameters":{}}],\#(rest)}"#,
            .cohereChatV1,
            framing: framing
        )
        #expect(calls.fold.toolCalls.count == 2 && calls.fold.text.isEmpty && calls.fold.reasoning == "I will.")
        #expect(calls.fold.choice(0)?.finish?.kind == .toolCalls)
    }

    @Test("The first days' counts are read, too")
    func tokenCount() {
        let count = #"{"prompt_tokens":83,"response_tokens":63,"total_tokens":146,"billed_tokens":128}"#
        #expect(
            decoded(first + last("COMPLETE", #","token_count":\#(count),"meta":{"api_version":{}}"#)).fold.usage
                == TokenUsage(input: 83, output: 63, total: 146, raw: count)
        )
    }
}
