import Dialects
import Tapes

/// Ollama's chat, or its completions: newline-delimited JSON.
struct OllamaWriter: TapeWriter {
    let name: String
    let streamType = "application/x-ndjson"
    /// A chat has its words in a message, a completion at the top.
    private let isChat: Bool

    static let chat = OllamaWriter(name: "ollama.chat", isChat: true)
    static let generate = OllamaWriter(name: "ollama.generate", isChat: false)

    func request(_ script: TapeScript) -> TapeRequest {
        let message = JSONValue.object([("role", .string("user")), ("content", .string(script.prompt))])
        return Self.post(
            isChat ? "/api/chat" : "/api/generate",
            [
                ("model", .string(script.model)),
                isChat ? ("messages", .array([message])) : ("prompt", .string(script.prompt)),
                ("stream", .bool(!script.isDocument)),
            ]
        )
    }

    func stream(_ script: TapeScript) -> [StreamPiece] {
        let thinking = script.pieces.split(script.reasoning ?? "").map { piece in
            line(script, "", [("thinking", .string(piece))])
        }
        let text = script.pieces.split(script.text).map { line(script, $0) }
        // Each call comes whole, on a line of its own.
        let calls = script.toolCalls.enumerated().map { index, call in
            line(script, "", [("tool_calls", .array([Self.toolCall(index, call)]))])
        }
        return thinking + text + calls + [.line(answer(script, "", [], isDone: true))]
    }

    func document(_ script: TapeScript) -> JSONValue {
        var members: [(String, JSONValue)] = []
        if let reasoning = script.reasoning { members.append(("thinking", .string(reasoning))) }
        if !script.toolCalls.isEmpty {
            members.append(("tool_calls", .array(script.toolCalls.enumerated().map(Self.toolCall))))
        }
        return answer(script, script.text, members, isDone: true)
    }

    func error(status: Int, message: String) -> JSONValue { .object([("error", .string(message))]) }

    private static func toolCall(_ index: Int, _ call: TapeScript.ToolCall) -> JSONValue {
        let function: [(String, JSONValue)] = [
            ("index", .integer(index)), ("name", .string(call.name)), ("arguments", arguments(call)),
        ]
        return .object([("function", .object(function))])
    }

    private func line(_ script: TapeScript, _ text: String, _ members: [(String, JSONValue)] = []) -> StreamPiece {
        .line(answer(script, text, members, isDone: false), isToken: true)
    }

    private func answer(
        _ script: TapeScript,
        _ text: String,
        _ members: [(String, JSONValue)],
        isDone: Bool
    ) -> JSONValue {
        var answer: [(String, JSONValue)] = [
            ("model", .string(script.model)), ("created_at", .string(script.created)),
        ]
        if isChat {
            let message: [(String, JSONValue)] = [("role", .string("assistant")), ("content", .string(text))]
            answer.append(("message", .object(message + members)))
        } else {
            answer.append(("response", .string(text)))
            answer += members
        }
        answer.append(("done", .bool(isDone)))
        guard isDone else { return .object(answer) }
        answer.append(("done_reason", .string(script.finish ?? "stop")))
        if let usage = script.usage {
            answer.append(("prompt_eval_count", .integer(usage.input)))
            answer.append(("eval_count", .integer(usage.output)))
        }
        return .object(answer)
    }
}
