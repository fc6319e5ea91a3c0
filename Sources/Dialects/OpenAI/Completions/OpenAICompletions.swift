extension Dialect {
    /// OpenAI's text completions, the API before chat.
    public static let openAICompletions = Dialect(
        name: "openai.completions",
        framing: .serverSentEvents,
        errors: .openAI,
        matches: { $0.hasSuffix("/completions") },
        makeInterpreter: { GenericInterpreter() }
    )
}
