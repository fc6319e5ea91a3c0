import Dialects
import Tapes

/// How one provider's API words a request, an answer and an error. Another one is a file like these and a row in
/// ``TapeWriters``.
protocol TapeWriter: Sendable {
    /// As `--dialect` has it: `openai.chat`.
    var name: String { get }
    /// The content type of a stream.
    var streamType: String { get }
    func request(_ script: TapeScript) -> TapeRequest
    /// The chunks of a stream, in their order.
    func stream(_ script: TapeScript) -> [StreamPiece]
    /// The answer as one document.
    func document(_ script: TapeScript) -> JSONValue
    func error(status: Int, message: String) -> JSONValue
}

/// A chunk of a stream that is being made.
struct StreamPiece {
    var bytes: [UInt8]
    /// Whether it brings a piece of the answer, and so takes its time.
    var isToken: Bool

    /// A frame of an event stream.
    static func event(_ name: String? = nil, _ data: JSONValue, isToken: Bool = false, end: String = "\n\n") -> Self {
        let field = name.map { "event: \($0)\n" } ?? ""
        return StreamPiece(bytes: Array("\(field)data: ".utf8) + data.jsonBytes + Array(end.utf8), isToken: isToken)
    }

    /// A line of newline-delimited JSON.
    static func line(_ value: JSONValue, isToken: Bool = false) -> Self {
        StreamPiece(bytes: value.jsonBytes + [UInt8(ascii: "\n")], isToken: isToken)
    }
}

extension TapeWriter {
    var streamType: String { "text/event-stream; charset=utf-8" }

    static func post(
        _ path: String,
        _ body: [(String, JSONValue)],
        query: [TapeField] = [],
        headers: [TapeField] = []
    ) -> TapeRequest {
        TapeRequest(
            method: "POST",
            path: path,
            query: query,
            headers: [TapeField("content-type", "application/json")] + headers,
            body: .json(.object(body))
        )
    }

    /// Arguments as the JSON value that they are.
    static func arguments(_ call: TapeScript.ToolCall) -> JSONValue {
        (try? JSONValue(parsing: call.arguments)) ?? .object([])
    }
}

/// The dialects that tapes can be made in.
enum TapeWriters {
    static let all: [any TapeWriter] = [
        OpenAIChatWriter(), OpenAIResponsesWriter(), AnthropicWriter(), GeminiWriter(), GeminiWriter(isArray: true),
        OllamaWriter.chat, OllamaWriter.generate, CohereWriter(),
    ]

    /// The writer with a name, be it an old one.
    static func named(_ name: String) -> (any TapeWriter)? {
        let name = name.hasSameBytes(as: "gemini") ? GeminiWriter().name : name
        return all.first { $0.name.hasSameBytes(as: name) }
    }
}
