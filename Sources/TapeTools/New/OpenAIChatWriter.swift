import Dialects
import Tapes

/// OpenAI's chat completions.
struct OpenAIChatWriter: TapeWriter {
    let name = "openai.chat"

    func request(_ script: TapeScript) -> TapeRequest {
        var body: [(String, JSONValue)] = [
            ("model", .string(script.model)),
            ("messages", .array([.object([("role", .string("user")), ("content", .string(script.prompt))])])),
        ]
        if !script.isDocument {
            body.append(("stream", .bool(true)))
            if script.usage != nil { body.append(("stream_options", .object([("include_usage", .bool(true))]))) }
        }
        return Self.post("/v1/chat/completions", body)
    }

    func stream(_ script: TapeScript) -> [StreamPiece] {
        func choice(_ delta: [(String, JSONValue)], finish: JSONValue = .null, isToken: Bool = true) -> StreamPiece {
            let choice = JSONValue.object([
                ("index", .integer(0)), ("delta", .object(delta)), ("finish_reason", finish),
            ])
            return .event(nil, chunk(script, [choice]), isToken: isToken)
        }
        var stream = [choice([("role", .string("assistant")), ("content", .string(""))], isToken: false)]
        stream += script.pieces.split(script.reasoning ?? "").map { choice([("reasoning_content", .string($0))]) }
        stream += script.pieces.split(script.text).map { choice([("content", .string($0))]) }
        for (index, call) in script.toolCalls.enumerated() {
            func piece(_ members: [(String, JSONValue)]) -> StreamPiece {
                choice([("tool_calls", .array([.object([("index", .integer(index))] + members)]))])
            }
            let function = JSONValue.object([("name", .string(call.name)), ("arguments", .string(""))])
            let id = JSONValue.string("call_" + script.id("call \(index)"))
            stream.append(piece([("id", id), ("type", .string("function")), ("function", function)]))
            for part in script.pieces.splitArguments(call.arguments) {
                stream.append(piece([("function", .object([("arguments", .string(part))]))]))
            }
        }
        stream.append(choice([], finish: .string(finish(script)), isToken: false))
        if let usage = usage(script) { stream.append(.event(nil, chunk(script, [], usage: usage))) }
        stream.append(StreamPiece(bytes: Array("data: [DONE]\n\n".utf8), isToken: false))
        return stream
    }

    func document(_ script: TapeScript) -> JSONValue {
        let isSilent = script.text.isEmpty && !script.toolCalls.isEmpty
        var message: [(String, JSONValue)] = [
            ("role", .string("assistant")), ("content", isSilent ? .null : .string(script.text)),
        ]
        if let reasoning = script.reasoning { message.append(("reasoning_content", .string(reasoning))) }
        if !script.toolCalls.isEmpty {
            let calls = script.toolCalls.enumerated().map { index, call in
                JSONValue.object([
                    ("id", .string("call_" + script.id("call \(index)"))), ("type", .string("function")),
                    ("function", .object([("name", .string(call.name)), ("arguments", .string(call.arguments))])),
                ])
            }
            message.append(("tool_calls", .array(calls)))
        }
        let choice = JSONValue.object([
            ("index", .integer(0)), ("message", .object(message)), ("finish_reason", .string(finish(script))),
        ])
        return chunk(script, [choice], object: "chat.completion", usage: usage(script))
    }

    func error(status: Int, message: String) -> JSONValue {
        let (type, code): (String, String?) =
            switch status {
            case 401: ("invalid_request_error", "invalid_api_key")
            case 404: ("invalid_request_error", "model_not_found")
            case 429: ("rate_limit_error", "rate_limit_exceeded")
            case 400..<500: ("invalid_request_error", nil)
            default: ("server_error", nil)
            }
        return .object([
            (
                "error",
                .object([
                    ("message", .string(message)), ("type", .string(type)), ("param", .null), ("code", .optional(code)),
                ])
            )
        ])
    }

    private func finish(_ script: TapeScript) -> String {
        script.finish ?? (script.toolCalls.isEmpty ? "stop" : "tool_calls")
    }

    private func usage(_ script: TapeScript) -> JSONValue? {
        script.usage.map { usage in
            .object([
                ("prompt_tokens", .integer(usage.input)), ("completion_tokens", .integer(usage.output)),
                ("total_tokens", .integer(usage.input + usage.output)),
            ])
        }
    }

    private func chunk(
        _ script: TapeScript,
        _ choices: [JSONValue],
        object: String = "chat.completion.chunk",
        usage: JSONValue? = nil
    ) -> JSONValue {
        var members: [(String, JSONValue)] = [
            ("id", .string("chatcmpl-" + script.id("completion"))), ("object", .string(object)),
            ("created", .integer(script.createdSeconds)), ("model", .string(script.model)),
            ("choices", .array(choices)),
        ]
        if let usage { members.append(("usage", usage)) }
        return .object(members)
    }
}
