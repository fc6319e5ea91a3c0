extension Dialect {
    /// Ollama's chat.
    ///
    /// One JSON object a line, each with a piece of the message; the line that is `done` ends them, or one with an `error`.
    public static let ollamaChat = Dialect(
        name: "ollama.chat",
        framing: .ndjson,
        errors: .ollama,
        matches: { $0.hasSuffix("/api/chat") },
        recognizes: { _, data in
            var line = OllamaLine()
            return line.read(data) && line.isOllamaAlone && line.message.kind == .object
        },
        makeInterpreter: { OllamaInterpreter() }
    )
}
