extension Dialect {
    /// Ollama's chat.
    public static let ollamaChat = Dialect(
        name: "ollama.chat",
        framing: .ndjson,
        errors: .ollama,
        matches: { $0.hasSuffix("/api/chat") },
        makeInterpreter: { GenericInterpreter() }
    )
}
