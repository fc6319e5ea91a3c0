extension Dialect {
    /// OpenAI's chat completions, and the many servers that are compatible with them.
    ///
    /// Chunks come as event-stream data; `[DONE]` as the whole data of a frame ends them, and a body that ends without it
    /// is truncated.
    public static let openAIChat = Dialect(
        name: "openai.chat",
        framing: .serverSentEvents,
        matches: { $0.hasSuffix("/chat/completions") },
        makeInterpreter: { OpenAIChatInterpreter() }
    )
}
