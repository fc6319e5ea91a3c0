import Dialects
import Testing

/// A line of Ollama's chat.
private func line(_ message: String, _ rest: String = #""done":false"#) -> String {
    #"{"model":"m1","created_at":"2026-01-01T00:00:00Z","message":{"role":"assistant",\#(message)},\#(rest)}"# + "\n"
}

private let last = line(
    #""content":"""#,
    #""done":true,"done_reason":"stop","total_duration":9,"load_duration":1,"prompt_eval_count":5,"eval_count":7"#
)

@Suite struct OllamaTests {
    @Test("Text and thinking come in pieces, each run of them a part")
    func content() {
        let result = decode(
            line(#""content":"","thinking":"a""#) + line(#""content":"","thinking":"b""#) + line(#""content":"c""#)
                + line(#""content":"\n""#) + last,
            .ollamaChat
        )
        #expect(result.fold.start == StreamStart(model: "m1"))
        #expect(result.deltas.map(\.part) == [0, 0, 1, 1])
        #expect(result.fold.reasoning == "ab" && result.fold.text == "c\n")
        #expect(result.fold.choice(0)?.finish == FinishReason(raw: "stop", kind: .stop))
        #expect(result.end == StreamEnd(state: .complete, terminal: "done"))
    }

    @Test("A completion has its text in response, and its thinking beside it")
    func generate() {
        let result = decode(
            #"{"model":"m1","created_at":"c","response":"","thinking":"a","done":false}"# + "\n"
                + #"{"model":"m1","created_at":"c","response":"b","done":false}"# + "\r\n\n"
                + #"{"model":"m1","created_at":"c","response":"","done":true,"done_reason":"length","context":[1,2]}"#,
            .ollamaGenerate
        )
        #expect(result.fold.reasoning == "a" && result.fold.text == "b")
        #expect(result.fold.choice(0)?.finish == FinishReason(raw: "length", kind: .length))
        #expect(result.fold.usage == nil)
        #expect(result.end == StreamEnd(state: .complete, terminal: "done"))
    }

    @Test("The last line's text counts")
    func lastText() {
        let result = decode(line(#""content":"a""#) + line(#""content":"b""#, #""done":true"#), .ollamaChat)
        #expect(result.fold.text == "ab")
        // Old servers give no reason, and none is made up.
        #expect(result.fold.choice(0)?.finish == nil)
        #expect(result.end == StreamEnd(state: .complete, terminal: "done"))
    }

    @Test("Counts that are absent are nil, not 0, and raw has what stood on the wire")
    func usage() {
        #expect(
            decode(last, .ollamaChat).fold.usage
                == TokenUsage(
                    input: 5,
                    output: 7,
                    raw: #"{"prompt_eval_count":5,"eval_count":7,"total_duration":9}"#
                )
        )
        let cached = line(#""content":"""#, #""done":true,"eval_count":0"#)
        #expect(decode(cached, .ollamaChat).fold.usage == TokenUsage(output: 0, raw: #"{"eval_count":0}"#))
    }

    @Test("R18: counts on any line are taken, and a line without them doesn't reset them")
    func anyUsage() {
        let early = line(#""content":"a""#, #""done":false,"prompt_eval_count":3,"eval_count":1"#)
        let end = line(#""content":"""#, #""done":true,"eval_count":4"#)
        let usage = decode(early + line(#""content":"b""#) + end, .ollamaChat).fold.usage
        #expect(usage?.input == 3 && usage?.output == 4)
    }

    @Test(
        "R21: every whole call is a call, whatever its index: in one line or one a line",
        arguments: [
            #"{"function":{"index":0,"name":"f","arguments":{"x":1}}},{"function":{"index":0,"name":"g","arguments":{}}}"#,
            #"{"function":{"name":"f","arguments":{"x":1}}}|{"function":{"name":"g","arguments":{}}}"#,
            #"{"function":{"index":0,"name":"f","arguments":{"x":1}}}|{"function":{"index":0,"name":"g","arguments":{}}}"#,
        ]
    )
    func toolCalls(calls: String) {
        let lines = calls.split(separator: "|").map { line(#""content":"","tool_calls":[\#($0)]"#) }.joined()
        let result = decode(lines + last, .ollamaChat)
        #expect(
            result.fold.toolCalls == [.init(name: "f", arguments: #"{"x":1}"#), .init(name: "g", arguments: "{}")]
        )
        #expect(result.deltas.map(\.part) == [0, 1])
        // Ollama's own word for it is `stop`.
        #expect(result.fold.choice(0)?.finish == FinishReason(raw: "stop", kind: .toolCalls))
    }

    @Test("R21: the same tool called twice is two calls, the same id told again is one")
    func sameName() {
        let call = #"{"function":{"index":0,"name":"f","arguments":{"x":1}}}"#
        #expect(decode(line(#""tool_calls":[\#(call),\#(call)]"#) + last, .ollamaChat).fold.toolCalls.count == 2)
        let named = #"{"id":"call_1","function":{"index":0,"name":"f","arguments":{"x":1}}}"#
        #expect(
            decode(line(#""tool_calls":[\#(named)]"#) + line(#""tool_calls":[\#(named)]"#) + last, .ollamaChat).fold
                .toolCalls == [.init(id: "call_1", name: "f", arguments: #"{"x":1}"#)]
        )
    }

    @Test("A call's arguments as a string, and a call without a name, are taken as they come")
    func oddCalls() {
        #expect(
            decode(
                line(#""tool_calls":[{"function":{"name":"f","arguments":"{\"x\":1}"}}]"#)
                    + line(#""tool_calls":[null,7,{},{"function":7},{"function":{"arguments":null}}]"#) + last,
                .ollamaChat
            ).fold.toolCalls == [.init(name: "f", arguments: #"{"x":1}"#)]
        )
        #expect(
            decode(line(#""tool_calls":[{"function":{"arguments":{}}}]"#), .ollamaChat).fold.toolCalls
                == [.init(arguments: "{}")]
        )
    }

    @Test("Loading and unloading a model is an answer without a word", arguments: ["load", "unload"])
    func load(reason: String) {
        let result = decode(line(#""content":"""#, #""done":true,"done_reason":"\#(reason)""#), .ollamaChat)
        #expect(result.fold.choice(0)?.finish == FinishReason(raw: reason, kind: .other))
        #expect(result.fold.text.isEmpty && result.fold.usage == nil)
        #expect(result.end.state == .complete)
    }

    @Test("R5: a body without a line that is done is truncated", arguments: ["", "\n", "{", "{\"done\":true"])
    func truncated(tail: String) {
        let result = decode(line(#""content":"a""#) + tail, .ollamaChat)
        #expect(result.end == StreamEnd(state: .truncated))
        #expect(result.fold.text == "a")
        #expect(decode(tail, .ollamaChat).end == StreamEnd(state: .truncated))
    }

    @Test("R5: the last line counts without its line end")
    func unterminated() {
        #expect(decode(String(last.dropLast()), .ollamaChat).end == StreamEnd(state: .complete, terminal: "done"))
    }

    @Test("R14: a line with an error ends the stream, be it the first or a later one")
    func error() {
        let failure = #"{"error":"an error was encountered while running the model: unexpected EOF"}"# + "\n"
        for before in ["", line(#""content":"a""#)] {
            let result = decode(before + failure + last, .ollamaChat)
            #expect(result.end.state == .error)
            #expect(result.end.error?.message == "an error was encountered while running the model: unexpected EOF")
            #expect(result.frames.count == (before.isEmpty ? 1 : 2))
        }
        // The answer to a request that couldn't be met, and the words that a compatible server may use.
        #expect(decode(failure, .ollamaGenerate, framing: .document).end.state == .error)
        let worded = decode(#"{"error":{"message":"m","type":"t","code":500}}"#, .ollamaChat).end
        #expect(worded.error == StreamError(message: "m", type: "t", code: "500", status: 500))
        #expect(decode(line(#""content":"a""#, #""error":null,"done":true"#), .ollamaChat).end.state == .complete)
    }

    @Test("An answer that isn't streamed is one line, or printed over many", arguments: [true, false])
    func document(isPretty: Bool) {
        var body = line(#""content":"a","thinking":"b","tool_calls":[{"function":{"name":"f","arguments":{}}}]"#)
        body = body.replacing(#""done":false"#, with: #""done":true,"done_reason":"stop","eval_count":2"#)
        if isPretty { body = body.replacing(",", with: ",\n  ") }
        for chunks in [[Array(body.utf8)], Array(body.utf8).singleBytes] {
            let result = decode(chunks, .ollamaChat, framing: .document)
            #expect(result.fold.text == "a" && result.fold.reasoning == "b")
            #expect(result.fold.toolCalls == [.init(name: "f", arguments: "{}")])
            #expect(result.fold.usage?.output == 2)
            #expect(result.frames.count == 1)
            #expect(result.end == StreamEnd(state: .complete, terminal: "done"))
        }
    }

    @Test("Malformed and unknown lines, members and kinds are no error, and no line's end is another's")
    func odd() {
        let result = decode(
            "nonsense\n[]\n7\n" + line(#""content":{"x":1},"images":["aGk="],"new":[1]"#, #""done":"yes""#)
                + line(#""content":"a\"}\n{\"done\":true}""#) + last,
            .ollamaChat
        )
        #expect(result.frames.count == 6)
        #expect(result.counts == [1, 1, 1, 1, 1, 2])
        #expect(result.fold.text == "a\"}\n{\"done\":true}")
        #expect(result.end.state == .complete)
    }

    @Test("A service with the same path that isn't Ollama's ends as one that nobody knows")
    func foreign() {
        let other = decode("data: {\"type\":\"text-delta\",\"delta\":\"a\"}\n\ndata: [DONE]\n\n", .ollamaChat)
        #expect(other.end == StreamEnd(state: .complete))
        #expect(other.events.dropFirst().allSatisfy { $0 == .opaque })
        let openAI = decode(chunk(#"{"content":"a"}"#) + done, .ollamaChat)
        #expect(openAI.frames.count == 2)
    }

    @Test("Hostile numbers of calls cost neither time nor memory without bound")
    func hostile() {
        var calls = ""
        for number in 0..<5000 { calls += #"{"id":"\#(number)","function":{"name":"f","arguments":{}}},"# }
        let result = decode(line(#""tool_calls":[\#(calls)7]"#) + last, .ollamaChat)
        #expect(result.fold.toolCalls.count == 1024)
    }
}
