extension Dialect {
    /// Cohere's chat, version 1.
    public static let cohereChatV1 = Dialect(
        name: "cohere.chat.v1",
        framing: .ndjson,
        errors: .openAI,
        matches: { $0.hasSuffix("/v1/chat") },
        makeInterpreter: { GenericInterpreter() }
    )
}
