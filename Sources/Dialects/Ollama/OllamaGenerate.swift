extension Dialect {
    /// Ollama's completions.
    public static let ollamaGenerate = Dialect(
        name: "ollama.generate",
        framing: .ndjson,
        errors: .ollama,
        matches: { $0.hasSuffix("/api/generate") },
        makeInterpreter: { GenericInterpreter() }
    )
}
