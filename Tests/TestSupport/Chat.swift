/// OpenAI chat streams to script upstreams with.
package enum Chat {
    package static let path = "/v1/chat/completions"
    package static let done = "data: [DONE]\n\n"

    /// A request for a stream.
    package static func request(_ model: String = "demo", _ fields: [Field] = [], path: String = path) -> RawRequest {
        .post(path, body(model), fields)
    }

    package static func body(_ model: String = "demo", prompt: String = "Hi") -> String {
        #"{"model":"\#(model)","stream":true,"messages":[{"role":"user","content":"\#(prompt)"}]}"#
    }

    /// A frame with text, which must need no escaping.
    package static func frame(_ text: String, model: String = "demo", finish: String? = nil) -> String {
        let reason = finish.map { "\"\($0)\"" } ?? "null"
        return #"data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"\#(model)","#
            + #""choices":[{"index":0,"delta":{"content":"\#(text)"},"finish_reason":\#(reason)}]}"# + "\n\n"
    }

    package static let finish =
        #"data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"demo","#
        + #""choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"# + "\n\n"

    package static let usage =
        #"data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"demo","#
        + #""choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}"# + "\n\n"

    /// A whole answer.
    package static func stream(_ words: [String]) -> String {
        words.map { frame($0) }.joined() + finish + usage + done
    }

    /// Words that differ, with a space in front as tokens have it.
    package static func words(_ count: Int, prefix: String = "w") -> [String] {
        (0..<count).map { " \(prefix)\($0)" }
    }
}
