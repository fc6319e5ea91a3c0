import Dialects
import Tapes

/// Cohere's chat, version 2.
struct CohereWriter: TapeWriter {
    let name = "cohere.chat"
    let streamType = "text/event-stream"

    func request(_ script: TapeScript) -> TapeRequest {
        Self.post(
            "/v2/chat",
            [
                ("model", .string(script.model)),
                ("messages", .array([.object([("role", .string("user")), ("content", .string(script.prompt))])])),
                ("stream", .bool(!script.isDocument)),
            ]
        )
    }

    func stream(_ script: TapeScript) -> [StreamPiece] {
        let start: [(String, JSONValue)] = [
            ("role", .string("assistant")), ("content", .array([])), ("tool_plan", .string("")),
            ("tool_calls", .array([])), ("citations", .array([])),
        ]
        var stream = [
            StreamPiece.event(
                "message-start",
                .object([
                    ("id", .string(id(script))), ("type", .string("message-start")),
                    ("delta", .object([("message", .object(start))])),
                ])
            )
        ]
        var index = 0
        if let reasoning = script.reasoning {
            stream += block(index, "thinking", script.pieces.split(reasoning))
            index += 1
        }
        if !script.text.isEmpty || script.toolCalls.isEmpty {
            stream += block(index, "text", script.pieces.split(script.text))
        }
        for (number, call) in script.toolCalls.enumerated() { stream += toolCall(script, number, call) }
        stream.append(Self.event("message-end", [("delta", .object(end(script)))]))
        return stream
    }

    func document(_ script: TapeScript) -> JSONValue {
        var content: [JSONValue] = []
        if let reasoning = script.reasoning { content.append(Self.part("thinking", reasoning)) }
        if !script.text.isEmpty || script.toolCalls.isEmpty { content.append(Self.part("text", script.text)) }
        var message: [(String, JSONValue)] = [("role", .string("assistant"))]
        if !content.isEmpty { message.append(("content", .array(content))) }
        if !script.toolCalls.isEmpty {
            let calls = script.toolCalls.enumerated().map { call(script, $0, $1, arguments: $1.arguments) }
            message.append(("tool_calls", .array(calls)))
        }
        return .object([("id", .string(id(script))), ("message", .object(message))] + end(script))
    }

    func error(status: Int, message: String) -> JSONValue {
        .object([("id", .string("00000000-0000-0000-0000-000000000000")), ("message", .string(message))])
    }

    private static func event(_ type: String, _ members: [(String, JSONValue)], isToken: Bool = false) -> StreamPiece {
        .event(type, .object([("type", .string(type))] + members), isToken: isToken)
    }

    /// An event that brings a piece of one member of the message.
    private static func event(
        _ type: String,
        _ index: Int,
        _ member: String,
        _ value: JSONValue,
        isToken: Bool = false
    ) -> StreamPiece {
        let delta = JSONValue.object([("message", .object([(member, value)]))])
        return event(type, [("index", .integer(index)), ("delta", delta)], isToken: isToken)
    }

    private static func part(_ type: String, _ text: String) -> JSONValue {
        .object([("type", .string(type)), (type, .string(text))])
    }

    private func block(_ index: Int, _ type: String, _ pieces: [String]) -> [StreamPiece] {
        let start = Self.event("content-start", index, "content", Self.part(type, ""))
        let deltas = pieces.map { piece in
            Self.event("content-delta", index, "content", .object([(type, .string(piece))]), isToken: true)
        }
        return [start] + deltas + [Self.event("content-end", [("index", .integer(index))])]
    }

    private func toolCall(_ script: TapeScript, _ number: Int, _ call: TapeScript.ToolCall) -> [StreamPiece] {
        let start = Self.event(
            "tool-call-start",
            number,
            "tool_calls",
            self.call(script, number, call, arguments: ""),
            isToken: true
        )
        let deltas = script.pieces.splitArguments(call.arguments).map { piece in
            let function = JSONValue.object([("arguments", .string(piece))])
            return Self.event("tool-call-delta", number, "tool_calls", .object([("function", function)]))
        }
        return [start] + deltas + [Self.event("tool-call-end", [("index", .integer(number))])]
    }

    private func call(
        _ script: TapeScript,
        _ number: Int,
        _ call: TapeScript.ToolCall,
        arguments: String
    ) -> JSONValue {
        .object([
            ("id", .string("\(call.name)_\(script.id("call \(number)", length: 12))")), ("type", .string("function")),
            ("function", .object([("name", .string(call.name)), ("arguments", .string(arguments))])),
        ])
    }

    private func end(_ script: TapeScript) -> [(String, JSONValue)] {
        let word = script.finish ?? (script.toolCalls.isEmpty ? "COMPLETE" : "TOOL_CALL")
        var members: [(String, JSONValue)] = [("finish_reason", .string(word))]
        if let usage = script.usage {
            let tokens = JSONValue.object([
                ("input_tokens", .integer(usage.input)), ("output_tokens", .integer(usage.output)),
            ])
            members.append(("usage", .object([("billed_units", tokens), ("tokens", tokens)])))
        }
        return members
    }

    /// As UUIDs are written.
    private func id(_ script: TapeScript) -> String {
        let digits = Array(script.id("message", length: 32).utf8)
        let groups = [0..<8, 8..<12, 12..<16, 16..<20, 20..<32]
        return groups.map { String(decoding: digits[$0], as: UTF8.self) }.joined(separator: "-")
    }
}
