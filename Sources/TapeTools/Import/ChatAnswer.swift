import Dialects

/// An answer in the words of OpenAI's chat completions, made from what it adds up to.
struct ChatAnswer {
    struct ToolCall {
        var id: String
        var name: String
        var arguments: String
    }

    var id: String
    var created = "0"
    var model: String
    var role = "assistant"
    var text: String?
    var reasoning: String?
    var toolCalls: [ToolCall] = []
    var finish: String?
    var fingerprint: String?
    var usage: JSONValue?

    /// The answer to a request that doesn't ask for a stream.
    var document: JSONValue {
        var message: [(String, JSONValue)] = [("role", .string(role)), ("content", .optional(text))]
        if let reasoning { message.append(("reasoning_content", .string(reasoning))) }
        if !toolCalls.isEmpty {
            message.append(("tool_calls", .array(toolCalls.map { Self.call($0.id, $0.name, $0.arguments) })))
        }
        let choice: [(String, JSONValue)] = [
            ("index", .integer(0)), ("message", .object(message)), ("logprobs", .null),
            ("finish_reason", .string(finishReason)),
        ]
        var members = head("chat.completion") + [("choices", .array([.object(choice)]))]
        members.append(("usage", usage ?? Self.noUsage))
        return .object(members)
    }

    /// The events of a stream, the texts in pieces of so many characters.
    func frames(chunkSize: Int) -> [[UInt8]] {
        let pieces = TextPieces.size(max(1, chunkSize))
        var deltas: [JSONValue] = [.object([("role", .string(role)), ("content", .string(""))])]
        for piece in pieces.split(reasoning ?? "") {
            deltas.append(.object([("reasoning_content", .string(piece))]))
        }
        for piece in pieces.split(text ?? "") { deltas.append(.object([("content", .string(piece))])) }
        for (index, call) in toolCalls.enumerated() {
            deltas.append(Self.calls(index, [("id", .string(call.id)), ("type", .string("function"))], call.name, ""))
            for piece in pieces.split(call.arguments) { deltas.append(Self.calls(index, [], nil, piece)) }
        }
        var frames = deltas.map { frame($0, .null) }
        frames.append(frame(.object([]), .string(finishReason)))
        frames.append(Array("data: [DONE]\n\n".utf8))
        return frames
    }

    private var finishReason: String { finish ?? (toolCalls.isEmpty ? "stop" : "tool_calls") }

    private static let noUsage = JSONValue.object([
        ("prompt_tokens", .integer(0)), ("completion_tokens", .integer(0)), ("total_tokens", .integer(0)),
    ])

    private func head(_ object: String) -> [(String, JSONValue)] {
        var members: [(String, JSONValue)] = [
            ("id", .string(id)), ("object", .string(object)), ("created", JSONValue(.number(created))),
            ("model", .string(model)),
        ]
        if let fingerprint { members.append(("system_fingerprint", .string(fingerprint))) }
        return members
    }

    private func frame(_ delta: JSONValue, _ finish: JSONValue) -> [UInt8] {
        let choice: [(String, JSONValue)] = [
            ("index", .integer(0)), ("delta", delta), ("logprobs", .null), ("finish_reason", finish),
        ]
        let chunk = JSONValue.object(head("chat.completion.chunk") + [("choices", .array([.object(choice)]))])
        return Array("data: ".utf8) + chunk.jsonBytes + Array("\n\n".utf8)
    }

    private static func call(_ id: String, _ name: String, _ arguments: String) -> JSONValue {
        .object([
            ("id", .string(id)), ("type", .string("function")),
            ("function", .object([("name", .string(name)), ("arguments", .string(arguments))])),
        ])
    }

    private static func calls(
        _ index: Int,
        _ members: [(String, JSONValue)],
        _ name: String?,
        _ arguments: String
    ) -> JSONValue {
        var function: [(String, JSONValue)] = []
        if let name { function.append(("name", .string(name))) }
        function.append(("arguments", .string(arguments)))
        let call = JSONValue.object([("index", .integer(index))] + members + [("function", .object(function))])
        return .object([("tool_calls", .array([call]))])
    }
}
