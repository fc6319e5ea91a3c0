import Dialects
import Testing

/// What compatible servers do otherwise than OpenAI.
@Suite struct OpenAIVariantTests {
    @Test("Reasoning that only its details have is found there, text and summaries; else they repeat it")
    func reasoningDetails() {
        let details = { (details: String) in chunk(#"{"content":"","reasoning_details":[\#(details)]}"#) }
        let result = decode(
            chunk(#"{"reasoning":"a","reasoning_details":[{"type":"reasoning.text","text":"a","index":0}]}"#)
                + details(#"{"type":"reasoning.text","text":"b","signature":null}"#)
                + details(#"{"type":"reasoning.summary","summary":"c"}"#)
                + details(#"{"type":"reasoning.encrypted","data":"xyz"},null,7"#)
                + details(#"{"type":"reasoning.text","text":null,"signature":"s"}"#) + chunk(#"{"content":"d"}"#) + done
        )
        #expect(result.fold.reasoning == "abc")
        #expect(result.fold.text == "d")
        #expect(result.counts == [2, 1, 1, 1, 1, 1, 1])
    }

    @Test("Reasoning has many names", arguments: ["reasoning_content", "reasoning", "reasoning_text"])
    func names(name: String) {
        let result = decode(chunk(#"{"\#(name)":"a"}"#) + chunk(#"{"\#(name)":"b"}"#) + chunk(#"{"content":"c"}"#))
        #expect(result.fold.reasoning == "ab")
        #expect(result.fold.text == "c")
    }

    @Test("A reasoning part of a content array may have a summary")
    func summary() {
        let part = #"{"type":"reasoning","summary":[{"type":"summary_text","text":"hm","signature":"s"}]}"#
        #expect(decode(chunk(#"{"content":[\#(part)]}"#) + done).fold.reasoning == "hm")
    }

    @Test("What is spoken is text, unless it was written as well")
    func audio() {
        let result = decode(
            chunk(#"{"role":"assistant","content":null,"audio":{"id":"a","transcript":"Hel"}}"#)
                + chunk(#"{"audio":{"data":"UklGRg=="}}"#) + chunk(#"{"audio":{"transcript":"lo"}}"#)
                + chunk(#"{"audio":{"expires_at":1}}"#) + done
        )
        #expect(result.fold.text == "Hello")
        #expect(result.counts == [2, 1, 1, 1, 1])
        let both = decode(
            chunk(#"{"content":"Hi"}"#) + chunk(#"{"content":"","audio":{"transcript":"Hi","data":""}}"#) + done
        )
        #expect(both.fold.text == "Hi")
    }

    @Test("A message in the place of a delta is taken for one; beside or behind deltas it repeats what they said")
    func messages() {
        let message = { (text: String, rest: String) in
            #"data: {"choices":[{"index":0,"message":{"role":"assistant","content":"\#(text)"}\#(rest)}]}"# + "\n\n"
        }
        #expect(decode(message("a", "") + message("b", "") + done).fold.text == "ab")
        #expect(decode(message("a", #","delta":{"content":"a"}"#) + done).fold.text == "a")
        let last = decode(chunk(#"{"content":"ab"}"#) + message("ab", #","finish_reason":"stop""#) + done)
        #expect(last.fold.text == "ab")
        #expect(last.fold.finishReason == "stop")
        #expect(decode(message("a", #","delta":null"#) + done).fold.text == "a")
        // What is learnt from one chunk must not bring this back.
        let mixed = message("a", "") + message("b", "") + chunk(#"{"content":""}"#) + message("c", "")
        #expect(decode(mixed).fold.text == "ab")
    }

    @Test("Together's text beside the delta is the delta's")
    func textBesideDelta() {
        let data = #"data: {"choices":[{"index":0,"text":"a","delta":{"content":"a"}}]}"# + "\n\n"
        #expect(decode(data + data.replacing("\"a\"", with: "\"b\"")).fold.text == "ab")
    }

    @Test(
        "Frames that only tell of a server's work say nothing",
        arguments: [
            #"{"choices":[{"index":0,"delta":{}}],"prompt_progress":{"total":9,"cache":0,"processed":4,"time_ms":7}}"#,
            #"{"choices":[],"timings":{"prompt_n":1,"predicted_n":2}}"#,
            #"{"choices":[{"index":0,"finish_reason":null,"content_filter_offsets":{"check_offset":44},"#
                + #""content_filter_results":{}}]}"#,
            #"{"choices":[{"index":0,"delta":{"role":"assistant","content":null,"channel":"final"}}],"usage":null}"#,
            #"{"id":"c","obfuscation":"abc"}"#,
        ]
    )
    func progress(data: String) {
        let result = decode("data: \(data)\n\n" + chunk(#"{"content":"a"}"#) + done)
        #expect(result.counts == [1, 1, 1])
        #expect(result.fold.text == "a")
        #expect(result.end.state == .complete)
    }

    @Test("A finish reason that means an error makes the end one, though the server says no more of it")
    func failedChoice() {
        let stream = chunk(#"{"content":"a"}"#) + chunk("{}", finish: #""error""#)
        let error = StreamError(message: "the model stopped with an error")
        #expect(decode(stream + done).end == StreamEnd(state: .error, terminal: "[DONE]", error: error))
        #expect(decode(stream).end == StreamEnd(state: .error, error: error))
    }

    @Test(
        "R14: an error within a choice, or Groq's beside it, is the stream's",
        arguments: [
            #"{"choices":[{"index":0,"delta":{"content":"b"},"finish_reason":"error","error":{"code":502,"message":"m"}}]}"#,
            #"{"choices":[{"index":0,"delta":{"content":"b"}}],"x_groq":{"id":"r","error":"m"}}"#,
            #"{"error":{"message":"m"},"choices":[{"index":0,"delta":{"content":"b"},"finish_reason":"error"}]}"#,
        ]
    )
    func choiceError(data: String) {
        let result = decode(chunk(#"{"content":"a"}"#) + "data: \(data)\n\n" + done)
        #expect(result.fold.text == "ab")
        #expect(result.end.state == .error)
        #expect(result.end.error?.message == "m")
        #expect(result.end.terminal == "error")
    }

    @Test(
        "A document without choices that says something is an error, in whatever words",
        arguments: [
            (#"{"detail":"Not Found"}"#, "Not Found"),
            (#"{"message":"Unauthorized","request_id":"r"}"#, "Unauthorized"),
            (#"{"object":"error","message":{"detail":[{"msg":"x"}]},"type":"t"}"#, #"{"detail":[{"msg":"x"}]}"#),
        ]
    )
    func errorDocument(body: String, message: String) {
        let end = decode(body, framing: .document).end
        #expect(end.state == .error)
        #expect(end.error?.message == message)
    }

    @Test("A tool call may stand alone where others have an array")
    func singleCall() {
        let call = #"{"tool_calls":{"id":"t","function":{"name":"f","arguments":"{}"}}}"#
        #expect(decode(chunk(call) + done).fold.toolCalls == [.init(id: "t", name: "f", arguments: "{}")])
    }

    @Test(
        "A path of Azure's names the deployment",
        arguments: [
            ("/openai/deployments/gpt%204/chat/completions", "gpt%204"), ("/az/openai/deployments/d/completions", "d"),
            ("/v1/chat/completions", nil), ("/openai/deployments/d", nil), ("/deployments/d/chat/completions", nil),
        ] as [(String, String?)]
    )
    func deployment(path: String, model: String?) {
        #expect(Dialect.openAIChat.model(path) == model)
        #expect(Dialect.openAICompletions.model(path) == model)
    }
}
