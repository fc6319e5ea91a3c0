import Dialects
import NIOCore
import TestSupport
import Testing

@testable import Server
@testable import Tokencast

/// The project's own `config.json` on what SDKs send.
@Suite("Paths of providers")
struct ProviderPathTests {
    /// Where a request arrives.
    struct Arrival: Equatable, Sendable, CustomStringConvertible {
        var upstream: String
        var url: String
        var dialect: String

        init(_ upstream: String, _ url: String, _ dialect: String) {
            self.upstream = upstream
            self.url = url
            self.dialect = dialect
        }

        var description: String { "\(upstream) \(url) \(dialect)" }
    }

    private static func configuration() throws -> ServerConfiguration {
        let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let environment = ["AZURE_OPENAI_ENDPOINT": "https://me.openai.azure.com/"]
        return try Configuration(file: "/\(root)/config.json", environment: environment).serverConfiguration()
    }

    private func arrival(_ configuration: ServerConfiguration, _ target: String, body: [UInt8]) throws -> Arrival {
        let parts = target.split(separator: "?", maxSplits: 1).map(String.init)
        let (path, query) = (parts[0], parts.count > 1 ? parts[1] : nil)
        let peek = RequestPeek(path: path, query: query, body: ByteBuffer(bytes: body))
        let found = try #require(configuration.destination(path: path, model: peek.model))
        var url = found.upstream.target(found.path, query: query)
        if case .http(let base, _) = found.upstream.kind { url = base.url(for: url) }
        return Arrival(found.upstream.name, url, found.dialect.name)
    }

    /// What SDKs ask for, by target and model, and where that is.
    private static let gemini: String = "https://generativelanguage.googleapis.com"
    static let expected: [String: Arrival] = [
        "/v1/chat/completions gpt-4o-mini": .init(
            "openai",
            "https://api.openai.com/v1/chat/completions",
            "openai.chat"
        ),
        "/v1/chat/completions m": .init("openai", "https://api.openai.com/v1/chat/completions", "openai.chat"),
        "/v1/chat/completions mock": .init("openai", "https://api.openai.com/v1/chat/completions", "openai.chat"),
        "/chat/completions gpt-4o": .init("openai", "https://api.openai.com/v1/chat/completions", "openai.chat"),
        "/v1/chat/completions demo": .init("demo", "/v1/chat/completions", "openai.chat"),
        "/v1/chat/completions mistral-small-latest": .init(
            "mistral",
            "https://api.mistral.ai/v1/chat/completions",
            "openai.chat"
        ),
        "/v1/chat/completions claude-sonnet-4-5": .init(
            "anthropic",
            "https://api.anthropic.com/v1/chat/completions",
            "openai.chat"
        ),
        "/v1/chat/completions gemini-2.5-flash": .init(
            "gemini",
            "\(gemini)/v1beta/openai/chat/completions",
            "openai.chat"
        ),
        "/v1/chat/completions command-r": .init(
            "cohere",
            "https://api.cohere.com/compatibility/v1/chat/completions",
            "openai.chat"
        ),
        "/v1/chat/completions deepseek-chat": .init(
            "deepseek",
            "https://api.deepseek.com/v1/chat/completions",
            "openai.chat"
        ),
        "/v1/chat/completions grok-4": .init("xai", "https://api.x.ai/v1/chat/completions", "openai.chat"),
        "/v1/chat/completions sonar-pro": .init(
            "perplexity",
            "https://api.perplexity.ai/chat/completions",
            "openai.chat"
        ),
        "/chat/completions sonar": .init("perplexity", "https://api.perplexity.ai/chat/completions", "openai.chat"),
        "/v1/chat/completions meta-llama/llama-3": .init(
            "openrouter",
            "https://openrouter.ai/api/v1/chat/completions",
            "openai.chat"
        ),
        "/api/v1/chat/completions openai/gpt-4o": .init(
            "openrouter",
            "https://openrouter.ai/api/v1/chat/completions",
            "openai.chat"
        ),
        "/openai/v1/chat/completions llama-3.3-70b-versatile": .init(
            "groq",
            "https://api.groq.com/openai/v1/chat/completions",
            "openai.chat"
        ),
        "/openai/v1/chat/completions openai/gpt-oss-120b": .init(
            "groq",
            "https://api.groq.com/openai/v1/chat/completions",
            "openai.chat"
        ),
        "/openai/deployments/my-deployment/chat/completions?api-version=2024-10-21 my-deployment": .init(
            "azure",
            "https://me.openai.azure.com/openai/deployments/my-deployment/chat/completions?api-version=2024-10-21",
            "openai.chat"
        ),
        "/v1/completions gpt-3.5-turbo-instruct": .init(
            "openai",
            "https://api.openai.com/v1/completions",
            "openai.completions"
        ),
        "/v1/responses gpt-4o-mini": .init("openai", "https://api.openai.com/v1/responses", "openai.responses"),
        "/v1/messages claude-sonnet-4-5": .init(
            "anthropic",
            "https://api.anthropic.com/v1/messages",
            "anthropic.messages"
        ),
        "/v1/models/gemini-2.5-flash:streamGenerateContent?alt=sse -": .init(
            "gemini",
            "\(gemini)/v1/models/gemini-2.5-flash:streamGenerateContent?alt=sse",
            "gemini.generateContent"
        ),
        "/v1beta/models/gemini-2.5-flash:streamGenerateContent -": .init(
            "gemini",
            "\(gemini)/v1beta/models/gemini-2.5-flash:streamGenerateContent",
            "gemini.generateContent"
        ),
        "/models/gemini-2.5-flash:streamGenerateContent?alt=sse -": .init(
            "gemini",
            "\(gemini)/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse",
            "gemini.generateContent"
        ),
        "/v1beta/models/demo:streamGenerateContent -": .init(
            "demo",
            "/v1beta/models/demo:streamGenerateContent",
            "gemini.generateContent"
        ),
        "/api/chat llama3.2": .init("ollama", "http://127.0.0.1:11434/api/chat", "ollama.chat"),
        "/api/chat mistral": .init("ollama", "http://127.0.0.1:11434/api/chat", "ollama.chat"),
        "/api/generate llama3.2": .init("ollama", "http://127.0.0.1:11434/api/generate", "ollama.generate"),
        "/api/show -": .init("ollama", "http://127.0.0.1:11434/api/show", "generic"),
        "/v2/chat command-r-plus": .init("cohere", "https://api.cohere.com/v2/chat", "cohere.chat"),
        "/v1/chat command-r": .init("cohere", "https://api.cohere.com/v1/chat", "cohere.chat.v1"),
        "/completion -": .init("llamacpp", "http://127.0.0.1:8080/completion", "llamacpp.completion"),
        "/events -": .init("openai", "https://api.openai.com/v1/events", "generic"),
    ]

    @Test("What each provider's SDK asks for arrives at that provider, by route and by name", arguments: Self.expected)
    func arrives(_ request: String, _ arrival: Arrival) throws {
        let configuration = try Self.configuration()
        let words = request.split(separator: " ").map(String.init)
        let body = words[1] == "-" ? [] : Array(#"{"model":"\#(words[1])","stream":true}"#.utf8)
        #expect(try self.arrival(configuration, words[0], body: body) == arrival)
        #expect(try self.arrival(configuration, "/\(arrival.upstream)\(words[0])", body: body) == arrival)
    }

    @Test(
        "What is behind an upstream's name finds its place there",
        arguments: [
            ("/groq/v1/chat/completions", "https://api.groq.com/openai/v1/chat/completions"),
            ("/groq/chat/completions", "https://api.groq.com/openai/v1/chat/completions"),
            ("/openrouter/api/v1/models", "https://openrouter.ai/api/v1/models"),
            ("/azure/v1/responses", "https://me.openai.azure.com/openai/v1/responses"),
            ("/azure/openai/v1/responses", "https://me.openai.azure.com/openai/v1/responses"),
            ("/gemini/upload/v1beta/files", "https://generativelanguage.googleapis.com/upload/v1beta/files"),
            ("/perplexity/v1/responses", "https://api.perplexity.ai/v1/responses"),
            ("/vllm/v1/chat/completions", "http://127.0.0.1:8000/v1/chat/completions"),
            ("/llamacpp/completion", "http://127.0.0.1:8080/completion"),
            ("/openai/v1/chat/completions", "https://api.openai.com/v1/chat/completions"),
            ("/openai/v1/files?x=1", "https://api.openai.com/v1/files?x=1"),
        ]
    )
    func named(_ target: String, _ url: String) throws {
        #expect(try arrival(try Self.configuration(), target, body: []).url == url)
    }

    private static let corpus = ProcessVariables["TOKENCAST_CORPUS"].map { $0 + "/sdk_requests.json" }

    @Test(
        "What real SDKs send arrives where it is meant to",
        .enabled(if: Self.corpus != nil, "TOKENCAST_CORPUS names no folder")
    )
    func realRequests() throws {
        let configuration = try Self.configuration()
        let clients = try JSONValue(parsing: contents(of: try #require(Self.corpus)))["clients"]?.array ?? []
        var count = 0
        for client in clients {
            for request in client["requests"]?.array ?? [] {
                let target = try #require(request["target"]?.string)
                let body = request["body"]?.members == nil ? [] : request["body"]?.jsonBytes ?? []
                let name = "\(target) \(request["body"]?["model"]?.string ?? "-")"
                let arrival = try #require(Self.expected[name], "\(client["client"]?.string ?? ""): \(name)")
                #expect(try self.arrival(configuration, target, body: body) == arrival)
                #expect(try self.arrival(configuration, "/\(arrival.upstream)\(target)", body: body) == arrival)
                count += 1
            }
        }
        print("requests of real SDKs: \(count), of \(clients.count) clients")
        #expect(count >= clients.count && !clients.isEmpty)
    }
}
