extension Dialect {
    /// Google's Gemini, by its own API and by Vertex AI.
    public static let gemini = Dialect(
        name: "gemini.generateContent",
        framing: .serverSentEvents,
        streamsArrays: true,
        errors: .gemini,
        matches: { $0.hasSuffix(":streamGenerateContent") || $0.hasSuffix(":generateContent") },
        makeInterpreter: { GenericInterpreter() }
    )
}
