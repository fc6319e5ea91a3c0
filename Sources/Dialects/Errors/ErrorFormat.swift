/// How a provider words an error, so that its SDK reads one of ours like any other.
public enum ErrorFormat: String, Sendable, Hashable, CaseIterable {
    /// `{"error":{"message":…,"type":…,"param":null,"code":…}}`: OpenAI's, and that of the many compatible servers.
    case openAI
    /// The same, and within a stream an event `error`.
    case openAIResponses
    /// `{"type":"error","error":{"type":…,"message":…},"request_id":null}`
    case anthropic
    /// `{"error":{"code":404,"message":…,"status":"NOT_FOUND"}}`
    case gemini
    /// `{"error":…}`
    case ollama
    /// `{"message":…}`; within a stream its last event, with `"finish_reason":"ERROR"`.
    case cohere
    /// `{"message":…,"__type":"ThrottlingException"}`, and a header with that type; within a stream an exception.
    case bedrock

    /// The format that clients of a path expect: that of the path's dialect, or of the provider whose path it is
    /// otherwise; OpenAI's where it is nobody's.
    ///
    /// - Parameter path: the path without its query; it may carry a prefix before the version.
    public static func matching(path: String) -> ErrorFormat {
        let dialect = Dialect.matching(path: path)
        return dialect.name == Dialect.generic.name ? unclaimed(path) : dialect.errors
    }

    /// The words for paths that aren't a dialect's: of models, files, batches and the like.
    private static func unclaimed(_ path: String) -> ErrorFormat {
        let segments = path.utf8.split(separator: UInt8(ascii: "/")).map { String(decoding: $0, as: UTF8.self) }
        if segments.contains("v1beta") { return .gemini }
        for (first, second) in zip(segments, segments.dropFirst()) {
            switch (first, second) {
            case ("v1", "messages"): return .anthropic
            case ("api", let name) where ollamaPaths.contains(name): return .ollama
            case ("v2", let name) where coherePaths.contains(name): return .cohere
            default: continue
            }
        }
        return .openAI
    }

    private static let ollamaPaths: Set<String> = [
        "blobs", "copy", "create", "delete", "embed", "embeddings", "ps", "pull", "push", "show", "tags", "version",
    ]
    private static let coherePaths: Set<String> = ["classify", "embed", "rerank"]
}

extension Dialect {
    /// How errors are worded to the clients of a path that are answered in this dialect.
    public func errors(forPath path: String) -> ErrorFormat {
        name == Dialect.generic.name ? ErrorFormat.matching(path: path) : errors
    }
}
