import Dialects
import Tapes

/// Gemini's `generateContent`; a stream is an event stream (`alt=sse`), or one JSON array.
struct GeminiWriter: TapeWriter {
    /// Whether a stream is an array.
    var isArray = false

    var name: String { isArray ? "gemini.generateContent.array" : "gemini.generateContent" }
    var streamType: String { isArray ? "application/json; charset=UTF-8" : "text/event-stream" }

    func request(_ script: TapeScript) -> TapeRequest {
        let part = JSONValue.object([("text", .string(script.prompt))])
        let content = JSONValue.object([("role", .string("user")), ("parts", .array([part]))])
        let method = script.isDocument ? "generateContent" : "streamGenerateContent"
        return Self.post(
            "/v1beta/models/\(Self.encoded(script.model)):\(method)",
            [("contents", .array([content]))],
            query: script.isDocument || isArray ? [] : [TapeField("alt", "sse")]
        )
    }

    func stream(_ script: TapeScript) -> [StreamPiece] {
        func frame(_ part: JSONValue) -> (JSONValue, isToken: Bool) { (answer(script, [part], isLast: false), true) }
        let thoughts = script.pieces.split(script.reasoning ?? "").map { frame(Self.thought($0)) }
        let text = script.pieces.split(script.text).map { frame(.object([("text", .string($0))])) }
        let calls = script.toolCalls.map { frame(Self.functionCall($0)) }
        // No frame says that it was the last: the stream ends where the body does.
        let end = (answer(script, [.object([("text", .string(""))])], isLast: true), isToken: false)
        let frames = thoughts + text + calls + [end]
        guard isArray else { return frames.map { .event(nil, $0, isToken: $1, end: "\r\n\r\n") } }
        let elements = frames.enumerated().map { number, frame in
            StreamPiece(
                bytes: Array((number == 0 ? "[" : "\r\n,\r\n").utf8) + frame.0.jsonBytes,
                isToken: frame.isToken
            )
        }
        return elements + [StreamPiece(bytes: Array("\r\n]\r\n".utf8), isToken: false)]
    }

    func document(_ script: TapeScript) -> JSONValue {
        var parts: [JSONValue] = []
        if let reasoning = script.reasoning { parts.append(Self.thought(reasoning)) }
        if !script.text.isEmpty || script.toolCalls.isEmpty { parts.append(.object([("text", .string(script.text))])) }
        return answer(script, parts + script.toolCalls.map(Self.functionCall), isLast: true)
    }

    func error(status: Int, message: String) -> JSONValue {
        let word =
            switch status {
            case 401: "UNAUTHENTICATED"
            case 403: "PERMISSION_DENIED"
            case 404: "NOT_FOUND"
            case 429: "RESOURCE_EXHAUSTED"
            case 503: "UNAVAILABLE"
            case 400..<500: "INVALID_ARGUMENT"
            default: "INTERNAL"
            }
        return .object([
            (
                "error",
                .object([
                    ("code", .integer(status)), ("message", .string(message)), ("status", .string(word)),
                ])
            )
        ])
    }

    private static func thought(_ text: String) -> JSONValue {
        .object([("text", .string(text)), ("thought", .bool(true))])
    }

    private static func functionCall(_ call: TapeScript.ToolCall) -> JSONValue {
        .object([("functionCall", .object([("name", .string(call.name)), ("args", arguments(call))]))])
    }

    private func answer(_ script: TapeScript, _ parts: [JSONValue], isLast: Bool) -> JSONValue {
        let content = JSONValue.object([("parts", .array(parts)), ("role", .string("model"))])
        var candidate: [(String, JSONValue)] = [("content", content)]
        if isLast { candidate.append(("finishReason", .string(script.finish ?? "STOP"))) }
        candidate.append(("index", .integer(0)))
        var members: [(String, JSONValue)] = [("candidates", .array([.object(candidate)]))]
        if isLast, let usage = script.usage {
            let counts: [(String, JSONValue)] = [
                ("promptTokenCount", .integer(usage.input)), ("candidatesTokenCount", .integer(usage.output)),
                ("totalTokenCount", .integer(usage.input + usage.output)),
            ]
            members.append(("usageMetadata", .object(counts)))
        }
        members.append(("modelVersion", .string(script.model)))
        members.append(("responseId", .string(script.id("response"))))
        return .object(members)
    }

    /// A model's name as a path holds it: what isn't unreserved is percent-encoded (RFC 3986, section 2.1).
    private static func encoded(_ model: String) -> String {
        let text = model.utf8.percentEncoded { PlainName.isPlain($0) || $0 == UInt8(ascii: "~") }
        return String(decoding: text, as: UTF8.self)
    }
}
