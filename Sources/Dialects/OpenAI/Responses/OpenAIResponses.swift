extension Dialect {
    /// OpenAI's responses.
    public static let openAIResponses = Dialect(
        name: "openai.responses",
        framing: .serverSentEvents,
        errors: .openAI,
        matches: { $0.hasSuffix("/responses") },
        makeInterpreter: { GenericInterpreter() }
    )
}
