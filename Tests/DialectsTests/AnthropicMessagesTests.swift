import Dialects
import Testing

@Suite struct AnthropicMessagesTests {
    @Test("A message's parts are numbered in the order in which they first say something")
    func parts() {
        let result = decode(
            messageStart()
                + blockStart(0, #"{"type":"thinking","thinking":"","signature":""}"#)
                + blockDelta(0, #"{"type":"thinking_delta","thinking":"hm"}"#)
                + anthropic("ping")
                + blockDelta(0, #"{"type":"signature_delta","signature":"c2ln"}"#) + blockStop(0)
                + blockStart(1, #"{"type":"redacted_thinking","data":"eHg="}"#) + blockStop(1)
                + blockStart(2, #"{"type":"text","text":""}"#) + textDelta(2, "Hi") + textDelta(2, " you")
                + blockStop(2)
                + toolStart(3, "t1", "get") + inputDelta(3, "") + inputDelta(3, #"{\"a\""#) + inputDelta(3, ":1}")
                + blockStop(3) + messageDelta("tool_use") + messageStop,
            .anthropicMessages
        )
        #expect(
            result.pieces == [
                "0 reasoning hm", "1 text Hi", "1 text  you", "2 call 0 t1 get ", #"2 call 0 - - {"a""#,
                "2 call 0 - - :1}",
            ]
        )
        #expect(result.fold.start == StreamStart(id: "m1", model: "claude"))
        #expect(result.fold.choices.map(\.index) == [0])
        #expect(result.fold.choice(0)?.finish == FinishReason(raw: "tool_use", kind: .toolCalls))
        #expect(result.end == StreamEnd(state: .complete, terminal: "message_stop"))
        #expect(result.counts.count == result.frames.count)
    }

    @Test(
        "A reason to stop is told in OpenAI's words too",
        arguments: [
            ("end_turn", .stop, "stop"), ("stop_sequence", .stop, "stop"), ("max_tokens", .length, "length"),
            ("model_context_window_exceeded", .length, "length"), ("tool_use", .toolCalls, "tool_calls"),
            ("refusal", .contentFilter, "content_filter"), ("pause_turn", .other, "pause_turn"),
            ("something_new", .other, "something_new"),
        ] as [(String, FinishReason.Kind, String)]
    )
    func reasons(word: String, kind: FinishReason.Kind, openAI: String) {
        let finish = decode(messageStart() + messageDelta(word) + messageStop, .anthropicMessages).fold.choice(0)?
            .finish
        #expect(finish == FinishReason(raw: word, kind: kind))
        #expect(finish?.openAI == openAI)
    }

    @Test("A reason that is repeated is told once, and none where it is null or empty")
    func repeatedReason() {
        let null = anthropic("message_delta", #""delta":{"stop_reason":null},"usage":{"output_tokens":5}"#)
        let result = decode(
            messageStart() + null + messageDelta("") + messageDelta() + messageDelta() + null + messageStop,
            .anthropicMessages
        )
        let finishes = result.events.filter { if case .finish = $0 { true } else { false } }
        #expect(finishes == [.finish(choice: 0, FinishReason(raw: "end_turn", kind: .stop))])
    }

    @Test(
        "What has no form here says nothing, and passes",
        arguments: [
            blockStart(0, #"{"type":"redacted_thinking","data":"x"}"#),
            blockStart(0, #"{"type":"web_search_tool_result","tool_use_id":"s","content":[{"type":"x","text":"t"}]}"#),
            blockStart(0, #"{"type":"fallback","from":{"model":"a"},"to":{"model":"b"}}"#),
            blockStart(0, #"{"type":"compaction","content":"c"}"#), blockStart(0, #"{"type":"new","text":"t"}"#),
            blockStart(0, "null"), blockStart(0, "[]"), blockStart(0, #"{"text":"t"}"#),
            blockDelta(0, #"{"type":"compaction_delta","content":"c"}"#),
            blockDelta(0, #"{"type":"signature_delta","signature":"s"}"#),
            blockDelta(0, #"{"type":"new_delta","text":"t","partial_json":"{}"}"#), blockDelta(0, "null"),
            blockDelta(0, #"{"type":"text_delta","text":""}"#), blockDelta(0, #"{"type":"text_delta","text":null}"#),
            blockDelta(0, #"{"type":"citations_delta","citation":null}"#), anthropic("ping"),
            anthropic("new_event", #""usage":{"output_tokens":99},"error":{"message":"m"}"#),
            anthropic("message_start"),
            "event: message_stop\ndata: {\"type\":\"ping\"}\n\n", "data: [DONE]\n\n", "data: {\n\n", "data: 7\n\n",
            "event: message_delta\ndata: x\n\n", "data: {\"type\":7}\n\n", "event: content_block_start\ndata:\n\n",
        ]
    )
    func opaque(frame: String) {
        let result = decode(messageStart() + frame + textBlock(1, "a") + messageStop, .anthropicMessages)
        let plain = decode(messageStart() + textBlock(1, "a") + messageStop, .anthropicMessages)
        #expect(result.events.filter { $0 != .opaque } == plain.events.filter { $0 != .opaque })
        #expect(result.events.count == plain.events.count + 1)
        #expect(result.end == plain.end)
    }

    @Test("The type within the data counts, and the event's name where there is none")
    func names() {
        let text =
            messageStart() + toolStart(0, "t") + inputDelta(0, "1") + blockStop(0) + textBlock(1, "a") + messageDelta()
            + messageStop
        let expected = decode(text, .anthropicMessages).events
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let unnamed = lines.filter { !$0.hasPrefix("event:") }.joined(separator: "\n")
        #expect(decode(unnamed, .anthropicMessages).events == expected)
        let untyped = lines.map { line in
            guard line.hasPrefix("data: {\"type\":") else { return String(line) }
            return "data: {" + (line.contains(",") ? line.drop { $0 != "," }.dropFirst() : "}")
        }
        #expect(decode(untyped.joined(separator: "\n"), .anthropicMessages).events == expected)
        let misnamed = lines.map { $0.hasPrefix("event:") ? "event: message" : $0 }.joined(separator: "\n")
        #expect(decode(misnamed, .anthropicMessages).events == expected)
    }

    @Test("Text, thoughts and sources that a block begins with count")
    func given() {
        let result = decode(
            messageStart()
                + blockStart(0, #"{"type":"thinking","thinking":"h"}"#)
                + blockDelta(0, #"{"type":"thinking_delta","thinking":"m"}"#)
                + blockStart(1, #"{"citations":[{"url":"u","title":"t"},7,null],"text":"a","type":"text"}"#)
                + textDelta(1, "b") + messageStop,
            .anthropicMessages
        )
        #expect(result.pieces == ["0 reasoning h", "0 reasoning m", "1 text a", "1 citation u t", "1 text b"])
    }

    @Test("A citation belongs to its block's text, whatever it cites")
    func citations() {
        let raw = #"{"type":"web_search_result_location","url":"https://a.b","title":"T","cited_text":"c"}"#
        let result = decode(
            messageStart() + textBlock(0, "x") + blockStart(1, #"{"type":"text","text":"","citations":[]}"#)
                + blockDelta(1, #"{"type":"citations_delta","citation":\#(raw)}"#) + textDelta(1, "y")
                + blockDelta(1, #"{"citation":{"document_title":"D","title":null},"type":"citations_delta"}"#)
                + blockDelta(1, #"{"citation":{"source":"https://c.d","title":"S"},"type":"citations_delta"}"#)
                + blockDelta(1, #"{"citation":{"source":"my notes"},"type":"citations_delta"}"#) + messageStop,
            .anthropicMessages
        )
        #expect(
            result.pieces == [
                "0 text x", "1 citation https://a.b T", "1 text y", "1 citation - D", "1 citation https://c.d S",
                "1 citation - -",
            ]
        )
        #expect(result.fold.citations.first?.raw == raw)
        #expect(result.fold.choice(0)?.parts.map(\.citations.count) == [0, 4])
    }

    @Test("A second message_start begins the message anew: parts, counts and reason")
    func restart() {
        let first =
            messageStart(usage: #"{"input_tokens":7,"cache_read_input_tokens":3,"output_tokens":1}"#)
            + textBlock(0, "old") + toolStart(1, "t", input: #"{"a":1}"#) + messageDelta("max_tokens")
        let second = messageStart(id: "m2") + textDelta(0, "new") + blockStop(0) + toolStart(1, "t") + blockStop(1)
        let result = decode(first + second + messageDelta() + messageStop, .anthropicMessages)
        #expect(result.fold.start == StreamStart(id: "m2", model: "claude"))
        #expect(result.fold.text == "new")
        #expect(result.fold.toolCalls.map(\.arguments) == ["{}"])
        #expect(result.fold.choice(0)?.parts.map(\.number) == [0, 1])
        #expect(result.fold.finishReason == "end_turn")
        #expect(result.fold.usage?.input == 10 && result.fold.usage?.cached == nil)
        #expect(result.events.contains(.restart(StreamStart(id: "m2", model: "claude"))))
        let duplicate = decode(messageStart() + messageStart() + textBlock(0, "a") + messageStop, .anthropicMessages)
        let single = decode(messageStart() + textBlock(0, "a") + messageStop, .anthropicMessages)
        #expect(duplicate.fold == single.fold)
    }

    @Test("A message that doesn't come first tells its id and its model all the same")
    func lateStart() {
        let result = decode(anthropic("ping") + blockStop(0) + messageStart() + messageStop, .anthropicMessages)
        #expect(result.fold.start == StreamStart(id: "m1", model: "claude"))
        #expect(result.events.first == .start(StreamStart()))
    }

    @Test("R23: a message_start without counts, role or content is one")
    func bareStart() {
        let result = decode(
            #"data: {"type":"message_start","message":{"id":"m1"}}"# + "\n\n" + textBlock(0, "a") + messageDelta()
                + messageStop,
            .anthropicMessages
        )
        #expect(result.fold.start == StreamStart(id: "m1"))
        #expect(result.fold.text == "a")
        #expect(result.fold.usage?.input == nil && result.fold.usage?.output == 5)
    }

    @Test("A message that begins with its content, its reason and its counts is told whole")
    func prepopulated() {
        let block = #"{"type":"tool_use","id":"t","name":"f","input":{"a":1}}"#
        let result = decode(
            anthropic(
                "message_start",
                #""message":{"content":[\#(block)],"stop_reason":"tool_use","usage":{"output_tokens":0}}"#
            ) + messageStop,
            .anthropicMessages
        )
        #expect(result.fold.toolCalls == [.init(id: "t", name: "f", arguments: #"{"a":1}"#)])
        #expect(result.fold.finishReason == "tool_use")
        #expect(result.fold.usage?.output == 0)
    }

    @Test("A document is a message that is there at once")
    func document() {
        let text = """
            {"id":"m1","type":"message","role":"assistant","model":"claude","content":[{"type":"thinking",\
            "thinking":"hm","signature":"s"},{"type":"text","text":"a","citations":[{"url":"u","title":"t"}]},\
            {"type":"new"},{"type":"tool_use","id":"t1","name":"f","input":{"a":1}},{"type":"tool_use","id":"t2",\
            "name":"g"}],"stop_reason":"tool_use","usage":{"input_tokens":1,"cache_read_input_tokens":2,\
            "output_tokens":3}}
            """
        let result = decode(text, .anthropicMessages, framing: .document)
        #expect(
            result.pieces == [
                "0 reasoning hm", "1 text a", "1 citation u t", "2 call 0 t1 f ", #"2 call 0 - - {"a":1}"#,
                "3 call 1 t2 g ", "3 call 1 - - {}",
            ]
        )
        #expect(result.fold.start == StreamStart(id: "m1", model: "claude"))
        #expect(result.fold.finishReason == "tool_use")
        #expect(result.fold.usage?.input == 3 && result.fold.usage?.output == 3)
        #expect(result.end == StreamEnd(state: .complete))
        #expect(decode(text) == result)
        #expect(decode("{}", .anthropicMessages, framing: .document).end == StreamEnd(state: .truncated))
    }

    @Test(
        "A first frame that only a message can have tells the dialect",
        arguments: [
            (messageStart(), true), (anthropic("ping"), false), ("data: {\"type\":\"ping\"}\n\n", false),
            ("event: ping\ndata: {\"type\":\"ping\",\"t\":1}\n\n", false),
            (anthropic("error", #""error":{"type":"overloaded_error","message":"m"},"request_id":null"#), true),
            (anthropic("error", #""error":{"message":"m"},"sequence_number":1"#), false),
            (anthropic("error", #""message":"m""#), false), ("data: {\"type\":\"message_start\"}\n\n", false),
            ("event: message_start\ndata: {}\n\n", false), ("data: {\"type\":\"message\",\"content\":[]}\n\n", false),
        ]
    )
    func recognized(frame: String, isOwn: Bool) {
        var decoder = StreamDecoder(dialect: .generic, framing: .serverSentEvents)
        var buffer = EventBuffer()
        decoder.feed(Array(frame.utf8).span.bytes, into: &buffer)
        #expect((decoder.dialect.name == "anthropic.messages") == isOwn)
    }

    @Test(
        "A path tells the dialect, and Vertex's the model",
        arguments: [
            ("/v1/messages", true, nil), ("/anthropic/v1/messages", true, nil),
            ("/v1/messages/count_tokens", false, nil),
            ("/v1/messages/batches", false, nil), ("/v1/threads/t/messages", false, nil), ("/messages", false, nil),
            (
                "/v1/projects/p/locations/l/publishers/anthropic/models/claude-sonnet-4@20250514:streamRawPredict",
                true,
                "claude-sonnet-4@20250514"
            ),
            ("/x/publishers/anthropic/models/claude:rawPredict", true, "claude"),
            ("/publishers/anthropic/models/count-tokens:rawPredict", false, nil),
            ("/publishers/anthropic/models/:rawPredict", false, nil),
            ("/publishers/anthropic/models/a/b:rawPredict", false, nil),
            ("/publishers/mistralai/models/m:streamRawPredict", false, nil),
        ] as [(String, Bool, String?)]
    )
    func paths(path: String, isOwn: Bool, model: String?) {
        let dialect = Dialect.matching(path: path)
        #expect((dialect.name == "anthropic.messages") == isOwn)
        #expect(dialect.model(path) == model)
    }
}
