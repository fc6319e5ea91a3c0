import Dialects
import Tapes

/// Ollama's chat: newline-delimited JSON.
struct OllamaWriter: TapeWriter {
    let name = "ollama.chat"
    let streamType = "application/x-ndjson"

    func request(_ script: TapeScript) -> TapeRequest {
        Self.post(
            "/api/chat",
            [
                ("model", .string(script.model)),
                ("messages", .array([.object([("role", .string("user")), ("content", .string(script.prompt))])])),
                ("stream", .bool(!script.isDocument)),
            ]
        )
    }

    func stream(_ script: TapeScript) -> [StreamPiece] {
        let thinking = script.pieces.split(script.reasoning ?? "").map { piece in
            line(script, [("content", .string("")), ("thinking", .string(piece))])
        }
        let text = script.pieces.split(script.text).map { line(script, [("content", .string($0))]) }
        // Each call comes whole, on a line of its own.
        let calls = script.toolCalls.enumerated().map { index, call in
            line(script, [("content", .string("")), ("tool_calls", .array([Self.toolCall(index, call)]))])
        }
        let end = answer(script, [("content", .string(""))], isDone: true)
        return thinking + text + calls + [.line(end)]
    }

    func document(_ script: TapeScript) -> JSONValue {
        var message: [(String, JSONValue)] = [("content", .string(script.text))]
        if let reasoning = script.reasoning { message.append(("thinking", .string(reasoning))) }
        if !script.toolCalls.isEmpty {
            message.append(("tool_calls", .array(script.toolCalls.enumerated().map(Self.toolCall))))
        }
        return answer(script, message, isDone: true)
    }

    func error(status: Int, message: String) -> JSONValue { .object([("error", .string(message))]) }

    private static func toolCall(_ index: Int, _ call: TapeScript.ToolCall) -> JSONValue {
        let function: [(String, JSONValue)] = [
            ("index", .integer(index)), ("name", .string(call.name)), ("arguments", arguments(call)),
        ]
        return .object([("function", .object(function))])
    }

    private func line(_ script: TapeScript, _ message: [(String, JSONValue)]) -> StreamPiece {
        .line(answer(script, message, isDone: false), isToken: true)
    }

    private func answer(_ script: TapeScript, _ message: [(String, JSONValue)], isDone: Bool) -> JSONValue {
        var members: [(String, JSONValue)] = [
            ("model", .string(script.model)), ("created_at", .string(script.created)),
            ("message", .object([("role", .string("assistant"))] + message)), ("done", .bool(isDone)),
        ]
        if isDone {
            members.append(("done_reason", .string(script.finish ?? "stop")))
            if let usage = script.usage {
                members.append(("prompt_eval_count", .integer(usage.input)))
                members.append(("eval_count", .integer(usage.output)))
            }
        }
        return .object(members)
    }
}
