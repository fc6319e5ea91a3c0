import Testing

@testable import Dialects

@Suite("Our errors in a provider's words")
struct ErrorFormatTests {
    private let error = StreamError(message: "it \"broke\"\n", type: "upstream_error", code: "reset")

    @Test(
        "go by the path",
        arguments: [
            ("/v1/chat/completions", ErrorFormat.openAI), ("/v1/embeddings", .openAI), ("/", .openAI), ("", .openAI),
            ("/v1/responses", .openAIResponses), ("/v1/completions", .openAI), ("/completion", .openAI),
            ("/v1/messages", .anthropic), ("/proxy/v1/messages", .anthropic), ("/v1/messages/count_tokens", .anthropic),
            ("/v1/messages/batches/b1", .anthropic), ("/v1/messagesX", .openAI), ("/v2/messages", .openAI),
            ("/v1/threads/t/messages", .openAI),
            ("/v1beta/models/gemini-2.5-flash:generateContent", .gemini), ("/v1beta/models", .gemini),
            ("/v1/projects/p/models/m:streamGenerateContent", .gemini),
            ("/v1beta/openai/chat/completions", .openAI),
            ("/api/chat", .ollama), ("/prefix/api/generate", .ollama), ("/api/tags", .ollama), ("/api/show", .ollama),
            ("/api/v1/models", .openAI), ("/api/v1/chat/completions", .openAI),
            ("/v2/chat", .cohere), ("/v1/chat", .cohere), ("/v2/embed", .cohere), ("/v2/models", .openAI),
            ("/model/m/converse-stream", .bedrock), ("/model/m/invoke", .bedrock),
        ]
    )
    func paths(_ path: String, _ format: ErrorFormat) {
        #expect(ErrorFormat.matching(path: path) == format)
    }

    @Test(
        "have its shape",
        arguments: [
            (
                ErrorFormat.openAI,
                #"{"error":{"message":"it \"broke\"\n","type":"upstream_error","param":null,"code":"reset"}}"#
            ),
            (
                .anthropic,
                #"{"type":"error","error":{"type":"not_found_error","message":"it \"broke\"\n"},"request_id":null}"#
            ),
            (.gemini, #"{"error":{"code":404,"message":"it \"broke\"\n","status":"NOT_FOUND"}}"#),
            (.ollama, #"{"error":"it \"broke\"\n"}"#), (.cohere, #"{"message":"it \"broke\"\n"}"#),
            (.bedrock, #"{"message":"it \"broke\"\n","__type":"ResourceNotFoundException"}"#),
            (
                .openAIResponses,
                #"{"error":{"message":"it \"broke\"\n","type":"upstream_error","param":null,"code":"reset"}}"#
            ),
        ]
    )
    func shapes(_ format: ErrorFormat, _ body: String) {
        #expect(format.body(error, status: 404) == body)
        let headers = format.headers(status: 404).map { "\($0.name): \($0.value)" }
        #expect(headers == (format == .bedrock ? ["x-amzn-ErrorType: ResourceNotFoundException"] : []))
    }

    @Test("of a dialect that knows none are worded by the path")
    func genericPaths() {
        #expect(Dialect.generic.errors(forPath: "/v1/messages/batches") == .anthropic)
        #expect(Dialect.ollamaChat.errors(forPath: "/v1/messages") == .ollama)
    }

    @Test(
        "are JSON whatever the status",
        arguments: [0, 400, 401, 403, 404, 409, 413, 429, 500, 501, 502, 504, 529, 999]
    )
    func statuses(_ status: Int) throws {
        for format in ErrorFormat.allCases {
            let value = try JSONValue(parsing: format.body(error, status: status))
            let message = value["message"] ?? value["error"]?["message"] ?? value["error"]
            #expect(message?.string == error.message)
        }
    }

    /// A dialect, and a framing of its bodies.
    static let framed: [(Dialect, Dialect.Framing)] = Dialect.all.flatMap { dialect in
        let other: [Dialect.Framing] = dialect.streamsArrays ? [.jsonArray] : []
        return dialect.name == Dialect.generic.name ? [] : ([dialect.framing] + other).map { (dialect, $0) }
    }

    @Test("within a stream are known to its decoder", arguments: framed)
    func decoded(dialect: Dialect, framing: Dialect.Framing) throws {
        var decoder = StreamDecoder(dialect: dialect, isCertain: true, framing: framing)
        var events = EventBuffer()
        let opening: [UInt8] = framing == .jsonArray ? [UInt8(ascii: "[")] : []
        decoder.feed(opening.span.bytes, into: &events)
        let frame = try #require(decoder.errorFrame(error, status: 502, in: dialect.errors))
        decoder.feed(frame.span.bytes, into: &events)
        let end = decoder.finish(into: &events)
        #expect(end.state == .error)
        #expect(end.error?.message == error.message)
    }

    @Test(
        "within an array stand where an element may",
        arguments: [
            ("[", "", "]"), ("[{}", ",", "]"), ("[{},", "", "]"), ("[{}\r\n,\r\n", "", "]"), ("[{}]", nil, nil),
            ("[{", nil, nil), ("[\"a", nil, nil),
        ]
    )
    func array(body: String, before: String?, after: String?) {
        var decoder = StreamDecoder(dialect: .gemini, framing: .document)
        var events = EventBuffer()
        decoder.feed(Array(body.utf8).span.bytes, into: &events)
        let frame = decoder.errorFrame(error, status: 502, in: .gemini).map { String(decoding: $0, as: UTF8.self) }
        let document = ErrorFormat.gemini.body(error, status: 502)
        #expect(frame == before.flatMap { before in after.map { before + document + $0 } })
    }

    @Test("have no place within a document, nor within a line")
    func noPlace() {
        var events = EventBuffer()
        var document = StreamDecoder(dialect: .openAIChat, framing: .document)
        #expect(document.errorFrame(error, status: 502, in: .openAI) == nil)
        document.feed(Array("{".utf8).span.bytes, into: &events)
        #expect(document.errorFrame(error, status: 502, in: .openAI) == nil)
        var lines = StreamDecoder(dialect: .ollamaChat, framing: .ndjson)
        lines.feed(Array("{}\n{}".utf8).span.bytes, into: &events)
        #expect(lines.errorFrame(error, status: 502, in: .ollama) == nil)
    }
}
