extension Dialect {
    /// OpenAI's chat completions, and the many servers that are compatible with them.
    ///
    /// Chunks come as event-stream data; `[DONE]` as the whole data of a frame ends them, and a body that ends without it
    /// is truncated.
    public static let openAIChat = Dialect(
        name: "openai.chat",
        framing: .serverSentEvents,
        matches: { $0.hasSuffix("/chat/completions") },
        recognizes: { _, data in
            var chunk = OpenAIChatChunk()
            return chunk.read(data) && chunk.isChat(data)
        },
        model: { azureDeployment(in: $0) },
        makeInterpreter: { OpenAIChatInterpreter() }
    )
}

extension OpenAIChatChunk {
    /// Whether this can only be a chunk, or the whole, of a chat completion.
    fileprivate func isChat(_ data: RawSpan) -> Bool {
        object.equals("chat.completion.chunk", in: data) || object.equals("chat.completion", in: data)
            || choiceCount > 0 && (choice.hasDelta || choice.message.kind == .object)
    }
}

/// The deployment that a path of Azure's names, which stands for the model: `/openai/deployments/NAME/…`.
func azureDeployment(in path: String) -> String? {
    // As short as most paths are, it can be none.
    guard path.utf8.count >= "openai/deployments/a/b".utf8.count else { return nil }
    let segments = path.utf8.split(separator: UInt8(ascii: "/"))
    guard let index = segments.firstIndex(where: { $0.elementsEqual("deployments".utf8) }), index > 0,
        segments[index - 1].elementsEqual("openai".utf8), index + 2 < segments.count
    else { return nil }
    return String(decoding: segments[index + 1], as: UTF8.self)
}
