import Dialects
import Tapes

/// Anthropic's messages.
struct AnthropicWriter: TapeWriter {
    let name = "anthropic.messages"

    func request(_ script: TapeScript) -> TapeRequest {
        var body: [(String, JSONValue)] = [
            ("model", .string(script.model)), ("max_tokens", .integer(1024)),
            ("messages", .array([.object([("role", .string("user")), ("content", .string(script.prompt))])])),
        ]
        if !script.isDocument { body.append(("stream", .bool(true))) }
        return Self.post("/v1/messages", body, headers: [TapeField("anthropic-version", "2023-06-01")])
    }

    func stream(_ script: TapeScript) -> [StreamPiece] {
        var stream = [
            Self.event("message_start", [("message", message(script, content: [], isWhole: false))])
        ]
        var index = 0
        func block(_ content: [(String, JSONValue)], _ deltas: [[(String, JSONValue)]]) {
            let number = ("index", JSONValue.integer(index))
            stream.append(Self.event("content_block_start", [number, ("content_block", .object(content))]))
            for delta in deltas {
                stream.append(Self.event("content_block_delta", [number, ("delta", .object(delta))], isToken: true))
            }
            stream.append(Self.event("content_block_stop", [number]))
            index += 1
        }
        if let reasoning = script.reasoning {
            block(
                [("type", .string("thinking")), ("thinking", .string("")), ("signature", .string(""))],
                script.pieces.split(reasoning).map { [("type", .string("thinking_delta")), ("thinking", .string($0))] }
            )
        }
        if !script.text.isEmpty || script.toolCalls.isEmpty {
            block(
                [("type", .string("text")), ("text", .string(""))],
                script.pieces.split(script.text).map { [("type", .string("text_delta")), ("text", .string($0))] }
            )
        }
        for (number, call) in script.toolCalls.enumerated() {
            block(
                toolUse(script, number, call, input: .object([])),
                script.pieces.splitArguments(call.arguments).map {
                    [("type", .string("input_json_delta")), ("partial_json", .string($0))]
                }
            )
        }
        let end: [(String, JSONValue)] = [("stop_reason", .string(finish(script))), ("stop_sequence", .null)]
        let usage = JSONValue.object([("output_tokens", .integer(script.usage?.output ?? 0))])
        stream.append(Self.event("message_delta", [("delta", .object(end)), ("usage", usage)]))
        stream.append(Self.event("message_stop", []))
        return stream
    }

    func document(_ script: TapeScript) -> JSONValue {
        var content: [JSONValue] = []
        if let reasoning = script.reasoning {
            content.append(
                .object([
                    ("type", .string("thinking")), ("thinking", .string(reasoning)), ("signature", .string("")),
                ])
            )
        }
        if !script.text.isEmpty || script.toolCalls.isEmpty {
            content.append(.object([("type", .string("text")), ("text", .string(script.text))]))
        }
        content += script.toolCalls.enumerated().map { number, call in
            .object(toolUse(script, number, call, input: Self.arguments(call)))
        }
        return message(script, content: content, isWhole: true)
    }

    func error(status: Int, message: String) -> JSONValue {
        let type =
            switch status {
            case 401: "authentication_error"
            case 403: "permission_error"
            case 404: "not_found_error"
            case 429: "rate_limit_error"
            case 529: "overloaded_error"
            case 400..<500: "invalid_request_error"
            default: "api_error"
            }
        return .object([
            ("type", .string("error")),
            ("error", .object([("type", .string(type)), ("message", .string(message))])),
        ])
    }

    private static func event(
        _ type: String,
        _ members: [(String, JSONValue)],
        isToken: Bool = false
    ) -> StreamPiece {
        .event(type, .object([("type", .string(type))] + members), isToken: isToken)
    }

    private func toolUse(
        _ script: TapeScript,
        _ number: Int,
        _ call: TapeScript.ToolCall,
        input: JSONValue
    ) -> [(String, JSONValue)] {
        [
            ("type", .string("tool_use")), ("id", .string("toolu_" + script.id("call \(number)"))),
            ("name", .string(call.name)), ("input", input),
        ]
    }

    private func finish(_ script: TapeScript) -> String {
        script.finish ?? (script.toolCalls.isEmpty ? "end_turn" : "tool_use")
    }

    private func message(_ script: TapeScript, content: [JSONValue], isWhole: Bool) -> JSONValue {
        .object([
            ("id", .string("msg_" + script.id("message"))), ("type", .string("message")),
            ("role", .string("assistant")), ("model", .string(script.model)), ("content", .array(content)),
            ("stop_reason", isWhole ? .string(finish(script)) : .null), ("stop_sequence", .null),
            (
                "usage",
                .object([
                    ("input_tokens", .integer(script.usage?.input ?? 0)),
                    ("output_tokens", .integer(isWhole ? script.usage?.output ?? 0 : 1)),
                ])
            ),
        ])
    }
}
