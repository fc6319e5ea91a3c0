extension Dialect {
    /// Anthropic's messages.
    public static let anthropicMessages = Dialect(
        name: "anthropic.messages",
        framing: .serverSentEvents,
        errors: .anthropic,
        matches: { $0.hasSuffix("/v1/messages") },
        makeInterpreter: { GenericInterpreter() }
    )
}
