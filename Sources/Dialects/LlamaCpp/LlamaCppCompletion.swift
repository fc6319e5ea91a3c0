extension Dialect {
    /// llama.cpp's own completions, and what other servers with its interface make of them.
    ///
    /// Each frame has a piece of `content`; the one with `"stop":true` is its choice's last, and has the counts. Nothing
    /// but the end of the body ends the stream: where a request has several prompts, others may follow.
    public static let llamaCppCompletion = Dialect(
        name: "llamacpp.completion",
        framing: .serverSentEvents,
        errors: .openAI,
        matches: { $0.hasSuffix("/completion") || $0.hasSuffix("/infill") },
        recognizes: { _, data in
            var frame = LlamaCppFrame()
            return frame.read(data) && frame.content.isString && frame.stop.kind == .bool
        },
        makeInterpreter: { LlamaCppInterpreter() }
    )
}
