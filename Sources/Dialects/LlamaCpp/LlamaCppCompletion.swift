extension Dialect {
    /// llama.cpp's own completions.
    public static let llamaCppCompletion = Dialect(
        name: "llamacpp.completion",
        framing: .serverSentEvents,
        errors: .openAI,
        matches: { $0.hasSuffix("/completion") },
        makeInterpreter: { GenericInterpreter() }
    )
}
