extension Dialect {
    /// All dialects, in the order in which a request's path, or a stream's first frame, is offered to them.
    public static let all: [Dialect] = [
        .openAIChat,
        .openAICompletions,
        .openAIResponses,
        .anthropicMessages,
        .anthropicComplete,
        .gemini,
        .ollamaChat,
        .ollamaGenerate,
        .cohereChat,
        .cohereChatV1,
        .llamaCppCompletion,
        .bedrockConverse,
        .bedrockInvoke,
        .generic,
    ]

    /// The dialect that a request's path speaks; ``generic`` where no provider's claims it.
    ///
    /// - Parameter path: the path without its query.
    public static func matching(path: String) -> Dialect {
        all.first { $0.matches(path) } ?? .generic
    }

    /// The model that a request's path names, percent-decoded; nil where it names none.
    public static func model(inPath path: String) -> String? {
        let dialect = matching(path: path)
        return dialect.model(path)?.percentDecoded
    }

    /// The dialect with a name as it stands in tapes and in the configuration.
    public static func named(_ name: String) -> Dialect? {
        all.first { $0.name == name }
    }

    /// The dialect that a frame shows; nil where none knows it for its own.
    ///
    /// - Parameter framing: what it was cut from. The names of AWS's messages are no evidence elsewhere.
    static func recognizing(name: RawSpan, data: RawSpan, framing: Framing) -> Dialect? {
        all.first { dialect in
            (dialect.framing == .awsEventStream) == (framing == .awsEventStream) && dialect.recognizes(name, data)
        }
    }
}
