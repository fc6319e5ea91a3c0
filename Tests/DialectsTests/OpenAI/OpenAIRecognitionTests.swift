import Dialects
import Testing

@Suite struct OpenAIRecognitionTests {
    @Test(
        "A first frame shows the dialect, where the path tells another",
        arguments: [
            (#"{"object":"chat.completion.chunk","choices":[]}"#, "openai.chat"),
            (#"{"object":"","choices":[{"index":0,"delta":{}}]}"#, "openai.chat"),
            (#"{"stop":false,"choices":[{"delta":{"content":"a"}}]}"#, "openai.chat"),
            (#"{"object":"text_completion","choices":[]}"#, "openai.completions"),
            (#"{"model":"m","choices":[{"index":0,"text":"a","finish_reason":null}]}"#, "openai.completions"),
            (#"{"question":"q","choices":[{"text":"Red"},{"text":"Blue"}]}"#, "generic"),
            (#"{"content":"a","stop":false}"#, "llamacpp.completion"),
            (#"{"content":"a"}"#, "generic"), (#"{"choices":[]}"#, "generic"),
            (#"{"error":{"message":"m"}}"#, "generic"), ("[DONE]", "generic"), ("{", "generic"),
        ] as [(String, String)]
    )
    func frames(data: String, name: String) {
        let text = "data: \(data)\n\n"
        #expect(decode(text, .generic).dialect == name)
        // Whoever says that it is certain isn't corrected.
        #expect(decode([Array(text.utf8)], .generic, isCertain: true).dialect == "generic")
    }

    @Test("Each of the three keeps what could be any's, and gives up what is another's")
    func paths() {
        let azure = #"data: {"choices":[],"id":"","model":"","object":"","prompt_filter_results":[{}]}"# + "\n\n"
        for dialect in [Dialect.openAIChat, .openAICompletions] {
            #expect(decode(azure, dialect).dialect == dialect.name)
            #expect(decode(azure + chunk(#"{"content":"a"}"#), dialect).fold.text == "a")
        }
        // llama.cpp answers `/completions` in its own words, and Mistral's `/v1/fim/completions` in those of chat.
        let native = decode(#"data: {"content":"a","stop":false}"# + "\n\n", .openAICompletions)
        #expect(native.dialect == "llamacpp.completion")
        #expect(native.fold.text == "a")
        #expect(decode(chunk(#"{"content":"a"}"#), .openAICompletions).dialect == "openai.chat")
    }

    @Test("A document shows it as well", arguments: ["chat.completion", "text_completion"])
    func documents(object: String) {
        let result = decode(#"{"object":"\#(object)","choices":[{"text":"a"}]}"#, .generic, framing: .document)
        #expect(result.dialect == (object == "chat.completion" ? "openai.chat" : "openai.completions"))
    }
}
