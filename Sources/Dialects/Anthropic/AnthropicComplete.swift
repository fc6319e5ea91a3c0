extension Dialect {
    /// Anthropic's text completions, the API before messages.
    public static let anthropicComplete = Dialect(
        name: "anthropic.complete",
        framing: .serverSentEvents,
        errors: .anthropic,
        matches: { $0.hasSuffix("/v1/complete") },
        makeInterpreter: { GenericInterpreter() }
    )
}
