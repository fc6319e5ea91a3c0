public import Tapes

/// The environment that points a program's SDKs at a Tokencast, whichever they are.
public struct SDKEnvironment: Sendable, Hashable {
    /// All variables of the program.
    public let variables: [String: String]

    /// - Parameters:
    ///   - url: where Tokencast listens, without a slash at its end.
    ///   - scope: goes into each base URL; nil for none.
    ///   - inherited: the variables that the program would have had. Keys that are set stay, base URLs don't.
    public init(url: String, scope: TapeScope?, inherited: [String: String]) {
        // Within an option of the path a slash would end it.
        let option = scope.map { "/~scope=" + $0.segments.joined(separator: "%2F") } ?? ""
        let base = url + option
        var variables = inherited
        for (name, path) in Self.baseURLs { variables[name] = base + path }
        variables["TOKENCAST_URL"] = base
        for keys in Self.keys where keys.allSatisfy({ variables[$0, default: ""].isEmpty }) {
            variables[keys[0]] = Self.placeholder
        }
        for name in ["NO_PROXY", "no_proxy"] { variables[name] = Self.bypassing(variables[name] ?? "") }
        self.variables = variables
    }

    /// A key that Tokencast knows for none, and replaces by the upstream's.
    static let placeholder = "sk-no-key-required"

    /// What each SDK reads, and the path that its own default has behind the host.
    static let baseURLs: [(name: String, path: String)] = [
        ("OPENAI_BASE_URL", "/v1"), ("OPENAI_API_BASE", "/v1"),
        ("AZURE_OPENAI_ENDPOINT", ""), ("AZURE_API_BASE", ""),
        ("ANTHROPIC_BASE_URL", ""), ("ANTHROPIC_API_BASE", ""),
        ("GOOGLE_GEMINI_BASE_URL", ""), ("GEMINI_API_BASE", "/v1beta"),
        ("OLLAMA_HOST", ""), ("OLLAMA_API_BASE", ""),
        ("GROQ_BASE_URL", ""), ("GROQ_API_BASE", "/openai/v1"),
        ("MISTRAL_API_BASE", "/v1"),
        ("CO_API_URL", ""), ("COHERE_API_BASE", "/v2/chat"),
        ("OPENROUTER_API_BASE", "/api/v1"), ("DEEPSEEK_API_BASE", "/v1"),
    ]

    /// The variables of each SDK's key; the first is set where all are empty.
    static let keys: [[String]] = [
        ["OPENAI_API_KEY"], ["AZURE_OPENAI_API_KEY", "AZURE_OPENAI_AD_TOKEN"], ["AZURE_API_KEY"],
        ["ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"], ["GEMINI_API_KEY", "GOOGLE_API_KEY"], ["GROQ_API_KEY"],
        ["MISTRAL_API_KEY"], ["CO_API_KEY"], ["COHERE_API_KEY"], ["OPENROUTER_API_KEY"], ["DEEPSEEK_API_KEY"],
    ]

    /// The hosts that no proxy is asked for, this machine among them.
    private static func bypassing(_ hosts: String) -> String {
        var list = hosts.split(separator: ",").map { String($0.filter { !$0.isWhitespace }) }.filter { !$0.isEmpty }
        guard !list.contains("*") else { return hosts }
        for host in ["127.0.0.1", "localhost", "::1"] where !list.contains(host) { list.append(host) }
        return list.joined(separator: ",")
    }
}
