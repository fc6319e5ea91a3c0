import Testing

@testable import Dialects

@Suite("Our errors in a provider's words")
struct ErrorFormatTests {
    private let error = StreamError(message: "it \"broke\"\n", type: "upstream_error", code: "reset")

    @Test(
        "go by the path",
        arguments: [
            ("/v1/chat/completions", ErrorFormat.openAI), ("/v1/responses", .openAI), ("/", .openAI), ("", .openAI),
            ("/v1/messages", .anthropic), ("/proxy/v1/messages", .anthropic), ("/v1/messages/count_tokens", .anthropic),
            ("/v1/messages/batches/b1", .anthropic), ("/v1/messagesX", .openAI), ("/v2/messages", .openAI),
            ("/v1/threads/t/messages", .openAI),
            ("/v1beta/models/gemini-2.5-flash:generateContent", .gemini), ("/v1beta/models", .gemini),
            ("/v1/projects/p/models/m:streamGenerateContent", .gemini),
            ("/v1beta/openai/chat/completions", .openAI),
            ("/model/m%3A0/converse-stream", .bedrock), ("/bedrock/model/m/invoke", .bedrock),
            ("/api/chat", .ollama), ("/prefix/api/generate", .ollama), ("/api/tags", .openAI),
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
            (.ollama, #"{"error":"it \"broke\"\n"}"#),
            (.bedrock, #"{"message":"it \"broke\"\n","__type":"ResourceNotFoundException"}"#),
        ]
    )
    func shapes(_ format: ErrorFormat, _ body: String) {
        #expect(format.body(error, status: 404) == body)
        let name = format == .anthropic ? "event: error\n" : ""
        #expect(format.event(error, status: 404) == "\(name)data: \(body)\n\n")
    }

    @Test(
        "are JSON whatever the status",
        arguments: [0, 400, 401, 403, 404, 409, 413, 429, 500, 501, 502, 504, 529, 999]
    )
    func statuses(_ status: Int) throws {
        for format in ErrorFormat.allCases {
            let value = try JSONValue(parsing: format.body(error, status: status))
            #expect((format == .bedrock ? value["message"] : value["error"]) != nil)
        }
    }

    @Test("within a stream are known to its decoder", arguments: Dialect.all)
    func decoded(dialect: Dialect) {
        let frame = ErrorFormat.openAI.event(error, status: 502)
        #expect(decode(frame).end == StreamEnd(state: .error, terminal: "error", error: error))
    }
}
