extension Dialect {
    /// Ollama's completions: a chat's lines, but that the text is in `response`.
    public static let ollamaGenerate = Dialect(
        name: "ollama.generate",
        framing: .ndjson,
        errors: .ollama,
        matches: { $0.hasSuffix("/api/generate") },
        recognizes: { _, data in
            var line = OllamaLine()
            return line.read(data) && line.isOllamaAlone && line.response.isString && line.message.kind != .object
        },
        makeInterpreter: { OllamaInterpreter() }
    )
}
