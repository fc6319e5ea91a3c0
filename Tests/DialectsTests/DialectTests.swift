import Dialects
import Testing

@Suite struct DialectTests {
    @Test(
        "A path finds its dialect",
        arguments: [
            ("/v1/chat/completions", "openai.chat"), ("/chat/completions", "openai.chat"),
            ("/openai/deployments/x/chat/completions", "openai.chat"), ("/v1/chat/completions/", "generic"),
            ("/v1/completions", "openai.completions"), ("/v1/responses", "openai.responses"),
            ("/responses", "openai.responses"), ("/openai/v1/responses", "openai.responses"),
            ("/openai/responses", "openai.responses"), ("/v1/responses/resp_1", "openai.responses"),
            ("/v1/responses/", "generic"), ("/v1/responses/resp_1/input_items", "generic"),
            ("/v1/responses/resp_1/cancel", "generic"), ("/v1/myresponses", "generic"),
            ("/v1/messages", "anthropic.messages"), ("/v1/complete", "anthropic.complete"),
            ("/v1beta/models/m:streamGenerateContent", "gemini.generateContent"),
            ("/api/chat", "ollama.chat"), ("/api/generate", "ollama.generate"), ("/v2/chat", "cohere.chat"),
            ("/v1/chat", "cohere.chat.v1"), ("/completion", "llamacpp.completion"),
            ("/model/m/converse-stream", "bedrock.converse"),
            ("/model/m/invoke-with-response-stream", "bedrock.invoke"), ("/", "generic"), ("", "generic"),
            ("/v1/chat/completions/abc", "generic"),
        ]
    )
    func matching(path: String, name: String) {
        #expect(Dialect.matching(path: path).name == name)
    }

    @Test("Every dialect is found by its name, and names are unique")
    func named() {
        for dialect in Dialect.all { #expect(Dialect.named(dialect.name)?.name == dialect.name) }
        #expect(Set(Dialect.all.map(\.name)).count == Dialect.all.count)
        #expect(Dialect.named("nobody's") == nil)
    }

    @Test(
        "A content type tells the framing, parameters and case aside",
        arguments: [
            ("text/event-stream", Dialect.Framing.serverSentEvents),
            ("text/event-stream; charset=utf-8", .serverSentEvents),
            ("Text/Event-Stream", .serverSentEvents), ("application/x-ndjson", .ndjson), ("application/jsonl", .ndjson),
            ("application/json", .document), (" application/json ;charset=UTF-8", .document),
            ("application/problem+json", .document), ("text/html", nil), ("", nil), ("application/octet-stream", nil),
        ] as [(String, Dialect.Framing?)]
    )
    func framing(contentType: String, framing: Dialect.Framing?) {
        #expect(Dialect.Framing(contentType: contentType) == framing)
    }
}
