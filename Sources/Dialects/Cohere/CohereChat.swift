extension Dialect {
    /// Cohere's chat, version 2.
    public static let cohereChat = Dialect(
        name: "cohere.chat",
        framing: .serverSentEvents,
        errors: .openAI,
        matches: { $0.hasSuffix("/v2/chat") },
        makeInterpreter: { GenericInterpreter() }
    )
}
