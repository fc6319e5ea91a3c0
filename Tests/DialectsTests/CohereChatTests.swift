import Dialects
import Testing

/// An event of Cohere's chat, version 2.
private func event(_ type: String, _ rest: String = "", named: Bool = true) -> String {
    let members = rest.isEmpty ? "" : "," + rest
    return (named ? "event: \(type)\n" : "") + #"data: {"type":"\#(type)"\#(members)}"# + "\n\n"
}

private func message(_ type: String, _ message: String, index: Int? = 0) -> String {
    let number = index.map { #""index":\#($0),"# } ?? ""
    return event(type, #"\#(number)"delta":{"message":{\#(message)}}"#)
}

private func text(_ text: String, index: Int? = 0) -> String {
    message("content-delta", #""content":{"text":"\#(text)"}"#, index: index)
}

private func call(_ type: String, _ call: String, index: Int? = 0) -> String {
    message("tool-call-\(type)", #""tool_calls":\#(call)"#, index: index)
}

private func last(_ reason: String = "COMPLETE", _ rest: String = "") -> String {
    event("message-end", #""delta":{"finish_reason":"\#(reason)"\#(rest)}"#)
}

private let first = event(
    "message-start",
    #""id":"m1","delta":{"message":{"role":"assistant","content":[],"tool_plan":"","tool_calls":[],"citations":[]}}"#
)

private func decoded(_ body: String) -> Decoded { decode(body, .cohereChat) }

@Suite struct CohereChatTests {
    @Test("Blocks of thinking and of text are parts, in the order in which they come")
    func content() {
        let result = decoded(
            first + message("content-start", #""content":{"type":"thinking","thinking":"a"}"#)
                + message("content-delta", #""content":{"thinking":"b"}"#) + event("content-end", #""index":0"#)
                + message("content-start", #""content":{"type":"text","text":""}"#, index: 1) + text("c", index: 1)
                + text("d", index: 1) + event("content-end", #""index":1"#)
                + last("COMPLETE", #","usage":{"tokens":{"input_tokens":9,"output_tokens":3}}"#)
        )
        #expect(result.fold.start == StreamStart(id: "m1"))
        #expect(result.fold.reasoning == "ab" && result.fold.text == "cd")
        #expect(result.deltas.map(\.part) == [0, 0, 1, 1])
        #expect(result.fold.choice(0)?.finish == FinishReason(raw: "COMPLETE", kind: .stop))
        #expect(result.end == StreamEnd(state: .complete, terminal: "message-end"))
    }

    @Test("Two blocks of text are two parts, without an index they are one")
    func blocks() {
        let two = decoded(first + text("a") + text("b", index: 1) + text("c") + last())
        #expect(two.fold.choice(0)?.parts.map(\.text) == ["ac", "b"])
        let one = decoded(first + text("a", index: nil) + text("b", index: nil) + last())
        #expect(one.fold.choice(0)?.parts.map(\.text) == ["ab"])
    }

    @Test("The plan is reasoning, and calls come in pieces")
    func toolCalls() {
        let result = decoded(
            first + message("tool-plan-delta", #""tool_plan":"I will""#, index: nil)
                + message("tool-plan-delta", #""tool_plan":" ask.""#, index: nil)
                + call("start", #"{"id":"f_1","type":"function","function":{"name":"f","arguments":""}}"#)
                + call("delta", #"{"function":{"arguments":"{\"x\""}}"#)
                + call("delta", #"{"function":{"arguments":":1}"}}"#) + event("tool-call-end", #""index":0"#)
                + call("start", #"{"id":"g_1","type":"function","function":{"name":"g","arguments":""}}"#, index: 1)
                + event("tool-call-end", #""index":1"#) + last("TOOL_CALL")
        )
        #expect(result.fold.reasoning == "I will ask." && result.fold.text.isEmpty)
        #expect(
            result.fold.toolCalls == [
                .init(id: "f_1", name: "f", arguments: #"{"x":1}"#), .init(id: "g_1", name: "g", arguments: ""),
            ]
        )
        #expect(result.deltas.map(\.part) == [0, 0, 1, 1, 1, 2])
        #expect(result.fold.choice(0)?.finish == FinishReason(raw: "TOOL_CALL", kind: .toolCalls))
    }

    @Test("R21: another id at a used index is another call, the same one told again isn't")
    func sameIndex() {
        let result = decoded(
            first + call("start", #"{"id":"a","function":{"name":"f","arguments":"1"}}"#)
                + call("start", #"{"id":"a","function":{"name":"f","arguments":"2"}}"#)
                + call("start", #"{"id":"b","function":{"name":"f","arguments":"3"}}"#)
                + call("delta", #"{"function":{"arguments":"4"}}"#) + last("TOOL_CALL")
        )
        #expect(
            result.fold.toolCalls == [
                .init(id: "a", name: "f", arguments: "12"), .init(id: "b", name: "f", arguments: "34"),
            ]
        )
    }

    @Test("R21: without an index a start begins a call, and a delta goes on with the latest")
    func noIndex() {
        let result = decoded(
            first + call("start", #"{"function":{"name":"f","arguments":"1"}}"#, index: nil)
                + call("delta", #"{"function":{"arguments":"2"}}"#, index: nil)
                + call("start", #"[{"function":{"name":"f","arguments":"3"}}]"#, index: nil)
                + call("delta", #"{"id":"late","function":{"arguments":{"x":4}}}"#, index: nil) + last()
        )
        #expect(
            result.fold.toolCalls == [
                .init(name: "f", arguments: "12"), .init(id: "late", name: "f", arguments: #"3{"x":4}"#),
            ]
        )
        // A deployment's word for it; clients that know OpenAI's need to hear of the calls.
        #expect(result.fold.choice(0)?.finish == FinishReason(raw: "COMPLETE", kind: .toolCalls))
    }

    @Test("A delta without a start is a call all the same, interleaved ones are told apart by their index")
    func interleaved() {
        let result = decoded(
            first + call("delta", #"{"id":"a","function":{"name":"f","arguments":"1"}}"#)
                + call("delta", #"{"id":"b","function":{"name":"g","arguments":"2"}}"#, index: 1)
                + call("delta", #"{"function":{"arguments":"3"}}"#) + call("delta", "7") + last()
        )
        #expect(
            result.fold.toolCalls == [
                .init(id: "a", name: "f", arguments: "13"), .init(id: "b", name: "g", arguments: "2"),
            ]
        )
    }

    @Test("A citation belongs to the text that it cites, and its source may have an address and a title")
    func citations() {
        let sources = #"[{"type":"tool","id":"t"},{"type":"document","document":{"url":"u","title":"t"}}]"#
        let raw = #"{"start":0,"end":1,"text":"a","sources":\#(sources),"type":"TEXT_CONTENT"}"#
        let result = decoded(
            first + message("content-delta", #""content":{"thinking":"x"}"#) + text("a", index: 1)
                + message("citation-start", #""citations":\#(raw)"#) + event("citation-end", #""index":0"#)
                + text("b", index: 2)
                + message("citation-start", #""citations":[{"content_index":1,"sources":[]},{"type":"PLAN"},3]"#)
                + last()
        )
        #expect(result.fold.citations.first == Citation(url: "u", title: "t", raw: raw))
        #expect(result.fold.choice(0)?.parts.map(\.citations.count) == [0, 2, 1])
        let tool = #"{"sources":[{"type":"tool","tool_output":{"title":"w"}}]}"#
        #expect(
            decoded(first + message("citation-start", #""citations":\#(tool)"#)).fold.citations
                == [Citation(title: "w", raw: tool)]
        )
    }

    @Test("Tokens count, and what is billed only where there are none")
    func usage() {
        let billed = #"{"billed_units":{"input_tokens":1,"output_tokens":2,"search_units":1}}"#
        #expect(
            decoded(last("COMPLETE", #","usage":\#(billed)"#)).fold.usage
                == TokenUsage(input: 1, output: 2, raw: billed)
        )
        let both =
            #"{"billed_units":{"input_tokens":1,"output_tokens":2},"tokens":{"input_tokens":9},"cached_tokens":0}"#
        #expect(
            decoded(last("COMPLETE", #","usage":\#(both)"#)).fold.usage
                == TokenUsage(input: 9, output: 2, cached: 0, raw: both)
        )
        for none in ["null", "{}", "[]", #"{"tokens":{}}"#] {
            #expect(decoded(last("COMPLETE", #","usage":\#(none)"#)).fold.usage == nil)
        }
    }

    @Test(
        "Reasons to finish have their counterparts",
        arguments: [
            ("COMPLETE", FinishReason.Kind.stop), ("STOP_SEQUENCE", .stop), ("MAX_TOKENS", .length),
            ("TOOL_CALL", .toolCalls), ("USER_CANCEL", .other), ("SOMETHING_NEW", .other),
        ]
    )
    func finish(reason: String, kind: FinishReason.Kind) {
        let result = decoded(first + last(reason))
        #expect(result.fold.choice(0)?.finish == FinishReason(raw: reason, kind: kind))
        #expect(result.end == StreamEnd(state: .complete, terminal: "message-end"))
    }

    @Test(
        "R14: an error as the reason to finish is one",
        arguments: ["ERROR", "ERROR_TOXIC", "ERROR_LIMIT", "TIMEOUT"]
    )
    func failure(reason: String) {
        let result = decoded(first + text("a") + last(reason, #","error":"it broke""#))
        #expect(result.fold.finishReason == reason)
        #expect(
            result.end
                == StreamEnd(
                    state: .error,
                    terminal: "message-end",
                    error: StreamError(message: "it broke", type: reason)
                )
        )
        #expect(decoded(last(reason)).end.error?.message == "the generation ended with \(reason)")
    }

    @Test(
        "R14: an error of any shape ends the stream",
        arguments: [
            "data: {\"message\":\"it broke\"}\n\n", "data: {\"error\":{\"message\":\"it broke\"}}\n\n",
            "event: error\ndata: {\"message\":\"it broke\"}\n\n", "event: error\ndata: it broke\n\n",
            "data: {\"type\":\"error\",\"error\":{\"message\":\"it broke\"}}\n\n",
            "data: {\"type\":\"error\",\"message\":\"it broke\"}\n\n",
        ]
    )
    func error(failure: String) {
        for body in [failure, first + text("a") + failure + last()] {
            let result = decoded(body)
            #expect(result.end.state == .error)
            #expect(result.end.error?.message == "it broke")
        }
    }

    @Test("R5: without message-end a body is truncated, be there [DONE] or not", arguments: ["", done, "data: {\"ty"])
    func truncated(tail: String) {
        let result = decoded(first + text("a") + tail)
        #expect(result.end == StreamEnd(state: .truncated))
        #expect(result.fold.text == "a")
    }

    @Test("R12: [DONE] behind the end is tolerated, as is anything else")
    func afterEnd() {
        let whole = decoded(first + text("a") + last())
        #expect(decoded(first + text("a") + last() + done + done + text("b")) == whole)
        #expect(decoded(first + text("a") + last().dropLast(2)) == whole)
    }

    @Test("The type tells where the name doesn't, or says something else; without a type the name does")
    func names() {
        let delta = #""index":0,"delta":{"message":{"content":{"text":"a"}}}"#
        let bodies = [
            "data: {\"type\":\"content-delta\",\(delta)}\n\n", "event: content-delta\ndata: {\(delta)}\n\n",
            "event: message-end\ndata: {\"type\":\"content-delta\",\(delta)}\n\n",
        ]
        for body in bodies { #expect(decoded(body + last()).fold.text == "a") }
        #expect(decoded("event: message-end\ndata: {}\n\n").end.state == .complete)
    }

    @Test(
        "What isn't known says nothing, and what only repeats isn't taken twice",
        arguments: [
            event("debug", #""prompt":"p""#), event("something-new", #""delta":{"message":{"content":{"text":"x"}}}"#),
            call("end", #"{"id":"z","function":{"name":"z","arguments":"{}"}}"#), "data: 7\n\n", "data: [\n\n",
            "data: {\"type\":\n\n", message("content-start", #""content":{"type":"image","data":"x"}"#),
        ]
    )
    func unknown(event: String) {
        let result = decoded(first + text("a") + event + text("b") + last())
        #expect(result.frames.count == 5)
        #expect(result.counts == [1, 1, 1, 1, 1])
        #expect(result.fold.text == "ab" && result.fold.toolCalls.isEmpty)
        #expect(result.end.state == .complete)
    }

    @Test("An answer that isn't streamed has all of it in one document")
    func document() {
        let body = #"""
            {"id":"d1","finish_reason":"TOOL_CALL","message":{"role":"assistant","tool_plan":"p",
             "content":[{"type":"thinking","thinking":"t"},{"type":"text","text":"a"}],
             "tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"{}"}},
                           {"id":"2","type":"function","function":{"name":"f","arguments":"[]"}}],
             "citations":[{"content_index":1}]},
             "usage":{"tokens":{"input_tokens":4,"output_tokens":5}}}
            """#
        let result = decode(body, .cohereChat, framing: .document)
        #expect(result.fold.start == StreamStart(id: "d1"))
        #expect(result.fold.reasoning == "pt" && result.fold.text == "a")
        #expect(
            result.fold.toolCalls == [
                .init(id: "1", name: "f", arguments: "{}"), .init(id: "2", name: "f", arguments: "[]"),
            ]
        )
        #expect(result.fold.citations.count == 1 && result.fold.usage?.input == 4)
        #expect(result.end == StreamEnd(state: .complete))
        let failure = decode(#"{"id":"x","message":"invalid api token"}"#, .cohereChat, framing: .document)
        #expect(failure.end.error?.message == "invalid api token")
        #expect(decode("{}", .cohereChat, framing: .document).end.state == .truncated)
    }

    @Test("Hostile numbers of blocks, calls and citations cost neither time nor memory without bound")
    func hostile() {
        var body = first
        for number in 0..<3000 {
            body += text("x", index: number &* 7_919_777_777)
            body += call("start", #"{"id":"\#(number)","function":{"name":"f"}}"#, index: -number)
            body += message("citation-start", #""citations":{"content_index":\#(Int.max - number)}"#)
        }
        let result = decoded(body + last())
        #expect(result.frames.count == 9002)
        #expect((result.fold.choice(0)?.parts.count ?? 0) <= 1024)
        #expect(result.end.state == .complete)
    }
}
