import Dialects
import Testing

private let created = responseEvent(
    "response.created",
    #""sequence_number":0,"response":{"id":"resp_1","object":"response","model":"m1","status":"in_progress","output":[]}"#
)
private let completed = responseEvent("response.completed", #""response":{"status":"completed"}"#)

private func textDelta(_ text: String, output: Int = 0, content: Int = 0, item: String = "msg_1") -> String {
    responseEvent(
        "response.output_text.delta",
        #""item_id":"\#(item)","output_index":\#(output),"content_index":\#(content),"delta":"\#(text)","logprobs":[]"#
    )
}

private func textDone(_ text: String, output: Int = 0, content: Int = 0) -> String {
    responseEvent(
        "response.output_text.done",
        #""output_index":\#(output),"content_index":\#(content),"text":"\#(text)""#
    )
}

private func partDone(_ part: String, output: Int = 0, content: Int = 0) -> String {
    responseEvent(
        "response.content_part.done",
        #""output_index":\#(output),"content_index":\#(content),"part":\#(part)"#
    )
}

private func itemDone(_ item: String, output: Int = 0) -> String {
    responseEvent("response.output_item.done", #""output_index":\#(output),"item":\#(item)"#)
}

private func completed(_ output: String) -> String {
    responseEvent("response.completed", #""response":{"status":"completed","output":[\#(output)]}"#)
}

private func message(_ content: String) -> String { #"{"type":"message","role":"assistant","content":[\#(content)]}"# }

private func outputText(_ text: String, _ annotations: String = "") -> String {
    #"{"type":"output_text","text":"\#(text)","annotations":[\#(annotations)]}"#
}

@Suite struct OpenAIResponsesTests {
    @Test("A response is its start, its pieces, its finish and its usage, frame by frame")
    func whole() {
        let usage = #"{"input_tokens":3,"output_tokens":2,"total_tokens":5}"#
        let item = message(outputText("Hello"))
        let result = decode(
            created + responseEvent("response.in_progress", #""response":{"status":"in_progress","usage":null}"#)
                + responseEvent("response.output_item.added", #""output_index":0,"item":\#(message(""))"#)
                + responseEvent("response.content_part.added", #""content_index":0,"part":\#(outputText(""))"#)
                + textDelta("Hel") + textDelta("lo") + textDone("Hello") + partDone(outputText("Hello"))
                + itemDone(item)
                + responseEvent(
                    "response.completed",
                    #""response":{"id":"resp_1","status":"completed","output":[\#(item)],"usage":\#(usage)}"#
                ),
            .openAIResponses
        )
        #expect(
            result.events == [
                .start(StreamStart(id: "resp_1", model: "m1")), .opaque, .opaque, .opaque,
                .delta(TokenDelta(choice: 0, part: 0, content: .text("Hel"))),
                .delta(TokenDelta(choice: 0, part: 0, content: .text("lo"))),
                .opaque, .opaque, .opaque,
                .finish(choice: 0, FinishReason(raw: "completed", kind: .stop)),
                .usage(TokenUsage(input: 3, output: 2, total: 5, raw: usage)),
            ]
        )
        #expect(result.counts == [1, 1, 1, 1, 1, 1, 1, 1, 1, 2])
        #expect(result.end == StreamEnd(state: .complete, terminal: "response.completed"))
    }

    @Test("The type within the data counts; a frame without one is called by its name")
    func names() {
        let unnamed = #"data: {"type":"response.output_text.delta","delta":"a"}"# + "\n\n"
        let untyped = "event: response.output_text.delta\ndata: {\"delta\":\"b\"}\n\n"
        let escaped = #"data: {"type":"response.\u006futput_text.delta","delta":"c"}"# + "\n\n"
        let message = "event: message\n" + #"data: {"type":"response.output_text.delta","delta":"d"}"# + "\n\n"
        #expect(decode(unnamed + untyped + escaped + message, .openAIResponses).fold.text == "abcd")
    }

    @Test("Parts are told apart by the indices of output and content, never by ids, which may change")
    func indices() {
        let result = decode(
            textDelta("a", item: "x") + textDelta("b", item: "y") + textDelta("2", content: 1, item: "y")
                + textDelta("c", item: "z") + textDelta("3", output: 2, item: "x") + completed,
            .openAIResponses
        )
        #expect(result.deltas.map(\.part) == [0, 0, 1, 0, 2])
        #expect(result.fold.choices.first?.parts.map(\.text) == ["abc", "2", "3"])
    }

    @Test("Every kind of text is a part of its kind")
    func kinds() {
        let delta = { (name: String, indices: String) in
            responseEvent("response.\(name).delta", #"\#(indices),"delta":"\#(name)""#)
        }
        let result = decode(
            delta("reasoning_summary_text", #""output_index":0,"summary_index":0"#)
                + delta("reasoning_summary_text", #""output_index":0,"summary_index":1"#)
                + delta("reasoning_text", #""output_index":0,"content_index":0"#)
                + delta("output_text", #""output_index":1,"content_index":0"#)
                + delta("refusal", #""output_index":1,"content_index":1"#) + completed,
            .openAIResponses
        )
        let parts = result.fold.choices.first?.parts ?? []
        #expect(parts.map(\.kind) == [.reasoning, .reasoning, .reasoning, .text, .refusal])
        #expect(
            parts.map(\.text)
                == ["reasoning_summary_text", "reasoning_summary_text", "reasoning_text", "output_text", "refusal"]
        )
        #expect(result.fold.finishReason == "completed")
    }

    @Test(
        "Text that no piece brought is taken once, from whichever event brings it first",
        arguments: [
            textDone("Hi"), partDone(outputText("Hi")), itemDone(message(outputText("Hi"))),
            completed(message(outputText("Hi"))),
            textDone("Hi") + partDone(outputText("Hi")) + itemDone(message(outputText("Hi"))),
            itemDone(message(outputText("Hi"))) + completed(message(outputText("Hi"))),
            textDelta("Hi") + itemDone(message(outputText("Hi"))) + completed(message(outputText("Hi"))),
            // Servers may number what they repeat in another way.
            textDelta("Hi", output: 1, content: 1) + itemDone(message(outputText("Hi")), output: 1)
                + completed(message(outputText("Hi"))),
            responseEvent("response.content_part.added", #""part":\#(outputText("H"))"#) + textDelta("i"),
        ]
    )
    func repeated(events: String) {
        #expect(decode(created + events + completed, .openAIResponses).fold.text == "Hi")
    }

    @Test("Of two texts one may come in pieces and the other whole")
    func mixed() {
        let item = message(outputText("a") + "," + outputText("b"))
        let parts = textDelta("a") + textDone("a") + textDone("b", content: 1) + partDone(outputText("b"), content: 1)
        #expect(decode(parts + itemDone(item) + completed(item), .openAIResponses).fold.text == "ab")
        let items = textDelta("a") + itemDone(message(outputText("a"))) + itemDone(message(outputText("b")), output: 1)
        #expect(decode(items + completed, .openAIResponses).fold.text == "ab")
        #expect(decode(itemDone(item) + completed(item), .openAIResponses).fold.text == "ab")
    }

    @Test("Refusals and reasoning that no piece brought are taken too, each once")
    func repeatedKinds() {
        let reasoning =
            #"{"type":"reasoning","summary":[{"type":"summary_text","text":"s"},{"type":"summary_text","text":"t"}],"#
            + #""content":[{"type":"reasoning_text","text":"r"}]}"#
        let refusal = message(#"{"type":"refusal","refusal":"no"}"#)
        for events in [itemDone(reasoning) + itemDone(refusal, output: 1), completed(reasoning + "," + refusal)] {
            let fold = decode(events + completed(reasoning + "," + refusal), .openAIResponses).fold
            #expect(fold.reasoning == "str")
            #expect(fold.refusal == "no")
            #expect(fold.text.isEmpty)
        }
        // A server that streams its reasoning may call it a summary in the end.
        let piece = responseEvent("response.reasoning_text.delta", #""output_index":0,"content_index":0,"delta":"str""#)
        #expect(decode(piece + itemDone(reasoning) + completed(reasoning), .openAIResponses).fold.reasoning == "str")
        let late = responseEvent("response.reasoning_text.done", #""output_index":0,"content_index":0,"text":"str""#)
        #expect(decode(piece + textDelta("a", output: 1) + late + completed, .openAIResponses).fold.reasoning == "str")
    }

    @Test("A source belongs to the text that it is given for, and is told once")
    func citations() {
        let web = #"{"type":"url_citation","url":"https://a.example","title":"A","start_index":0,"end_index":1}"#
        let file = #"{"type":"file_citation","file_id":"file_1","filename":"a.pdf","index":3}"#
        let added = { (annotation: String) in
            responseEvent(
                "response.output_text.annotation.added",
                #""output_index":1,"content_index":0,"annotation_index":0,"annotation":\#(annotation)"#
            )
        }
        let expected = [Citation(url: "https://a.example", title: "A", raw: web), Citation(raw: file)]
        let part = outputText("Hi", "\(web),\(file)")
        let pieces = textDelta("Hi", output: 1) + added(web) + added(file)
        for events in [
            pieces, pieces + partDone(part, output: 1) + itemDone(message(part), output: 1) + completed(message(part)),
            textDelta("Hi", output: 1) + partDone(part, output: 1) + completed(message(part)),
            itemDone(message(part), output: 1), completed(message(part)),
        ] {
            let fold = decode(events + completed, .openAIResponses).fold
            #expect(fold.text == "Hi")
            #expect(fold.citations == expected)
            #expect(fold.choices.first?.parts.count == 1)
        }
        #expect(decode(added("1") + added("null") + completed, .openAIResponses).deltas.isEmpty)
    }

    @Test("What hosted tools do, progress and unknown events pass without a word")
    func opaque() {
        let types = [
            "response.queued", "response.web_search_call.searching", "response.code_interpreter_call_code.delta",
            "response.mcp_call_arguments.delta", "response.mcp_call_arguments.done", "response.mcp_list_tools.failed",
            "response.image_generation_call.partial_image", "response.apply_patch_call_operation_diff.delta",
            "response.audio.delta", "response.next_year's.delta", "keepalive", "",
        ]
        let events = types.map { responseEvent($0, #""output_index":0,"delta":"x","arguments":"{}""#) }.joined()
        let items = ["web_search_call", "mcp_call", "apply_patch_call", "mcp_approval_request", "local_shell_call"].map
        {
            itemDone(#"{"type":"\#($0)","name":"n","arguments":"{}","content":[\#(outputText("x"))],"output":"x"}"#)
        }
        let result = decode(created + events + items.joined() + completed, .openAIResponses)
        #expect(result.events.count { $0 == .opaque } == types.count + items.count)
        #expect(result.deltas.isEmpty)
        #expect(result.fold.choice(0)?.finish?.kind == .stop)
    }

    @Test("A stream that is taken up in the middle has the rest")
    func takenUp() {
        let result = decode(textDelta("lo", output: 3) + textDone("Hello", output: 3) + completed, .openAIResponses)
        #expect(result.events.first == .start(StreamStart()))
        #expect(result.fold.text == "lo")
        #expect(result.end.state == .complete)
        // Only the end is left of it: that has all.
        #expect(decode(completed(message(outputText("Hello"))), .openAIResponses).fold.text == "Hello")
    }

    @Test("A document is read like a stream's last event, and is complete at its end")
    func document() {
        let call = #"{"type":"function_call","id":"fc_1","call_id":"call_1","name":"f","arguments":"{\"a\":1}"}"#
        let body = """
            {"id":"resp_1","object":"response","status":"completed","error":null,"model":"m1","output":[
            {"type":"reasoning","summary":[{"type":"summary_text","text":"hm"}]},\(message(outputText("Hi"))),\(call)],
            "usage":{"input_tokens":1,"input_tokens_details":{"cached_tokens":0}}}
            """
        let result = decode(Array(body.utf8).singleBytes, .openAIResponses, framing: .document)
        #expect(result.end == StreamEnd(state: .complete))
        #expect(result.fold.start == StreamStart(id: "resp_1", model: "m1"))
        #expect(result.fold.text == "Hi")
        #expect(result.fold.reasoning == "hm")
        #expect(result.fold.toolCalls == [.init(id: "call_1", name: "f", arguments: #"{"a":1}"#)])
        #expect(result.fold.usage?.input == 1)
        #expect(result.fold.choice(0)?.finish == FinishReason(raw: "completed", kind: .toolCalls))
        #expect(decode(body, .openAIChat, framing: .document) == result)
        #expect(decode(String(body.dropLast()), .openAIResponses, framing: .document).end.state == .truncated)
    }

    @Test(
        "A document that isn't a finished response is complete as a document",
        arguments: [
            #"{"id":"resp_1","object":"response","status":"in_progress","error":null,"output":[]}"#,
            #"{"id":"resp_1","object":"response","status":"queued"}"#,
            #"{"id":"resp_1","object":"response","deleted":true}"#,
            #"{"object":"response.input_tokens","input_tokens":11}"#, "{}",
        ]
    )
    func otherDocuments(body: String) {
        let result = decode(body, .openAIResponses, framing: .document)
        #expect(result.end == StreamEnd(state: .complete))
        #expect(result.events.count == 1)
    }

    @Test(
        "Members of the wrong kind are passed over",
        arguments: [
            #"{"type":1}"#, #"{"type":"response.output_text.delta"}"#,
            #"{"type":"response.output_text.delta","delta":1,"output_index":"x","content_index":{}}"#,
            #"{"type":"response.output_text.done","text":[]}"#, #"{"type":"response.content_part.done","part":[1]}"#,
            #"{"type":"response.output_item.added","item":null}"#, #"{"type":"response.output_item.done","item":[]}"#,
            #"{"type":"response.output_item.done","item":{"type":"message","content":[1,null,{"type":"x"}]}}"#,
            #"{"type":"response.output_item.done","item":{"type":"message","content":"x"}}"#,
            #"{"type":"response.output_text.annotation.added"}"#, #"{"type":"response.function_call_arguments.delta"}"#,
            #"{"type":"response.function_call_arguments.done","arguments":null}"#, "[]", "1", "null", #""x""#, "{}",
            #"{"type":"response.output_text.delta","delta":"a"} x"#,
            #"{"type":"response.output_text.delta","delta":"a""#,
        ]
    )
    func wrongKinds(data: String) {
        let result = decode("data: \(data)\n\n" + completed, .openAIResponses)
        #expect(result.events.dropFirst() == [.finish(choice: 0, FinishReason(raw: "completed", kind: .stop))])
        #expect(result.frames.count == 2)
    }

    @Test("Indices may be any numbers, and there may be many of them")
    func manyParts() {
        let far = [Int.max, Int.min, -1].map { textDelta("a", output: $0, content: $0) }.joined()
        #expect(decode(far + completed, .openAIResponses).fold.choices.first?.parts.count == 3)
        let many = (0..<3000).map { textDelta("a", output: $0) }.joined()
        #expect(decode(many + completed, .openAIResponses).fold.choices.first?.parts.count == 1024)
    }
}
