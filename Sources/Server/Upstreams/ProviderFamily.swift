package import Upstream

/// A provider's family: in which header it looks for a key.
public enum ProviderFamily: String, Sendable, Hashable, CaseIterable {
    /// OpenAI, and the many that are compatible with it.
    case openai
    /// Azure OpenAI.
    case azure
    case anthropic
    /// Google's Gemini API.
    case gemini
    /// Gemini on Google Cloud, which takes access tokens.
    case vertex
    case mistral
    case cohere
    case ollama
    /// Amazon Bedrock.
    case bedrock

    /// The header that bears a key.
    package func header(for key: String) -> HeaderField {
        switch self {
        case .openai, .vertex, .mistral, .cohere, .ollama, .bedrock: HeaderField("authorization", "Bearer \(key)")
        case .azure: HeaderField("api-key", key)
        case .anthropic: HeaderField("x-api-key", key)
        case .gemini: HeaderField("x-goog-api-key", key)
        }
    }

    /// Whether a key may also stand in the query, as `key=…`.
    var takesKeyInQuery: Bool { self == .gemini || self == .vertex }
}
