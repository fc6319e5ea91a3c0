import Dialects
import Testing
import Upstream

@testable import Server

/// Who pays: the caller's own credential, or the configured one in its place.
@Suite("Credentials")
struct CredentialTests {
    private func applied(
        _ fields: [HeaderField],
        url: String = "http://h/v1/x",
        _ family: ProviderFamily = .openai,
        _ authentication: UpstreamAuthentication = .key("sk-ours")
    ) -> UpstreamRequest {
        var request = UpstreamRequest(method: "POST", url: url, headers: fields)
        #expect(throws: Never.self) { try authentication.apply(to: &request, of: family) }
        return request
    }

    @Test(
        "A placeholder is replaced",
        arguments: ["unused", "Bearer unused", "bearer  X", "Bearer", "", "Bearer sk-no-key-required", "NONE"]
    )
    func placeholders(value: String) {
        let fields = [HeaderField("Authorization", value), HeaderField("X-Api-Key", "dummy"), HeaderField("A", "1")]
        #expect(applied(fields).headers == [HeaderField("A", "1"), HeaderField("authorization", "Bearer sk-ours")])
    }

    @Test(
        "A configured key goes where its provider looks for it",
        arguments: [
            (ProviderFamily.openai, "authorization", "Bearer k"), (.azure, "api-key", "k"),
            (.anthropic, "x-api-key", "k"), (.gemini, "x-goog-api-key", "k"), (.vertex, "authorization", "Bearer k"),
            (.mistral, "authorization", "Bearer k"), (.cohere, "authorization", "Bearer k"),
            (.ollama, "authorization", "Bearer k"), (.bedrock, "authorization", "Bearer k"),
        ]
    )
    func headers(family: ProviderFamily, name: String, value: String) {
        #expect(applied([], family, .key("k")).headers == [HeaderField(name, value)])
    }

    @Test(
        "A key of the caller's own passes, whichever header it is in",
        arguments: ["authorization", "X-API-Key", "api-key", "x-goog-api-key"],
        ProviderFamily.allCases
    )
    func realKeys(name: String, family: ProviderFamily) {
        let fields = [HeaderField(name, "Bearer sk-mine"), HeaderField("Authorization", "Bearer unused")]
        let request = applied(fields, family)
        #expect(request.headers == fields)
        #expect(Credentials.secrets(in: request.headers.map { ($0.name, $0.value) }) == ["Bearer sk-mine"])
    }

    @Test(
        "A key in Gemini's query is the caller's own; a placeholder there gives way to the configured one",
        arguments: [
            (ProviderFamily.gemini, "http://h/x?key=AIza&alt=sse", "http://h/x?key=AIza&alt=sse", false),
            (.gemini, "http://h/x?alt=sse&key=unused", "http://h/x?alt=sse", true),
            (.gemini, "http://h/x?key=", "http://h/x", true),
            (.gemini, "http://h/x?alt=sse", "http://h/x?alt=sse", true),
            (.gemini, "http://h/x?&monkey=x&", "http://h/x?&monkey=x&", true),
            (.gemini, "http://h/x", "http://h/x", true), (.vertex, "http://h/x?key=AIza", "http://h/x?key=AIza", false),
            (.openai, "http://h/x?key=unused", "http://h/x?key=unused", true),
            (.openai, "http://h/x?key=AIza", "http://h/x?key=AIza", true),
        ]
    )
    func query(family: ProviderFamily, url: String, passed: String, isPutIn: Bool) {
        let request = applied([HeaderField("x-goog-api-key", "unused")], url: url, family)
        #expect(request.url == passed)
        #expect(request.headers == [isPutIn ? family.header(for: "sk-ours") : HeaderField("x-goog-api-key", "unused")])
    }

    @Test func withoutAKeyNothingChanges() {
        let fields = [HeaderField("Authorization", "Bearer unused")]
        let request = applied(fields, url: "http://h/x?key=unused", .gemini, .callers)
        #expect(request.headers == fields)
        #expect(request.url == "http://h/x?key=unused")
    }

    @Test("Credentials in headers and queries nobody listed")
    func unlistedCredentials() {
        let headers = [
            ("Ocp-Apim-Subscription-Key", "a"), ("X-Amz-Security-Token", "b"), ("Proxy-Authorization", "Basic c"),
            ("tokencast-key", "d"), ("Cookie", "e=f"), ("Content-Type", "g"), ("X-Max-Tokens", "8"),
        ]
        let query = "alt=sse&key=AIza%2Bh&access_token=i&keyword=j&flag"
        #expect(
            Credentials.secrets(in: headers, query: query) == [
                "a", "b", "Basic c", "d", "e=f", "AIza%2Bh", "AIza+h", "i", "i",
            ]
        )
        // A user name or a password in an upstream's URL is refused, so there is none to mask.
        #expect(UpstreamURL("https://user:password@api.example.com") == nil)
    }

    @Test(
        "What a configuration may say of a dialect",
        arguments: [
            ("openai", ProviderFamily.openai, nil), ("azure", .azure, nil), ("gemini", .gemini, nil),
            ("openai.responses", .openai, "openai.responses"), ("anthropic.messages", .anthropic, "anthropic.messages"),
            ("gemini.generateContent", .gemini, "gemini.generateContent"),
            ("cohere.chat.v1", .cohere, "cohere.chat.v1"),
            ("bedrock.converse", .bedrock, "bedrock.converse"), ("llamacpp.completion", .openai, "llamacpp.completion"),
            ("generic", .openai, "generic"),
        ]
    )
    func words(word: String, family: ProviderFamily, dialect: String?) throws {
        let read = try #require(UpstreamDialect(word))
        #expect(read.family == family)
        #expect(read.dialect?.name == dialect)
        #expect(UpstreamDialect.words.contains(word))
        #expect(UpstreamDialect(word + "x") == nil)
    }
}
