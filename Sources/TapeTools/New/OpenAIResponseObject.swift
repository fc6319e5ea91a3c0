import Dialects

/// What a script makes of a response: the object that a stream's first and last events carry, and that a document is.
struct OpenAIResponseObject {
    /// One item of the output.
    struct Item {
        enum Content {
            case reasoning(String)
            case message(String)
            case call(TapeScript.ToolCall)
        }

        let content: Content
        let id: String
        let callID: String
        /// How it ended: the last item of an incomplete response is incomplete.
        let status: String

        /// The item with which its events begin.
        var begun: JSONValue { object(isWhole: false) }
        var whole: JSONValue { object(isWhole: true) }

        /// The only part of the item, empty or whole; a call has none.
        func part(_ isWhole: Bool) -> JSONValue {
            switch content {
            case .reasoning(let text):
                .object([("type", .string("summary_text")), ("text", .string(isWhole ? text : ""))])
            case .message(let text):
                .object([
                    ("type", .string("output_text")), ("annotations", .array([])), ("logprobs", .array([])),
                    ("text", .string(isWhole ? text : "")),
                ])
            case .call: .null
            }
        }

        private func object(isWhole: Bool) -> JSONValue {
            let parts = JSONValue.array(isWhole ? [part(true)] : [])
            let status = ("status", JSONValue.string(isWhole ? status : "in_progress"))
            return switch content {
            case .reasoning:
                .object([("id", .string(id)), ("type", .string("reasoning")), ("summary", parts)])
            case .message:
                .object([
                    ("id", .string(id)), ("type", .string("message")), status, ("content", parts),
                    ("role", .string("assistant")),
                ])
            case .call(let call):
                .object([
                    ("id", .string(id)), ("type", .string("function_call")), status,
                    ("arguments", .string(isWhole ? call.arguments : "")), ("call_id", .string(callID)),
                    ("name", .string(call.name)),
                ])
            }
        }
    }

    /// `completed`, or `incomplete` where the script has another word for why it ended: then that is the reason.
    let status: String
    let items: [Item]
    private let script: TapeScript

    init(_ script: TapeScript) {
        self.script = script
        let status = script.finish ?? "completed" == "completed" ? "completed" : "incomplete"
        self.status = status
        var contents: [Item.Content] = []
        if let reasoning = script.reasoning { contents.append(.reasoning(reasoning)) }
        if !script.text.isEmpty || script.toolCalls.isEmpty { contents.append(.message(script.text)) }
        contents += script.toolCalls.map { .call($0) }
        items = contents.enumerated().map { index, content in
            let prefix =
                switch content {
                case .reasoning: "rs_"
                case .message: "msg_"
                case .call: "fc_"
                }
            return Item(
                content: content,
                id: prefix + script.id("item \(index)", length: 48),
                callID: "call_" + script.id("call \(index)"),
                status: index == contents.count - 1 ? status : "completed"
            )
        }
    }

    /// The response before any of its output.
    var begun: JSONValue { object(isWhole: false) }
    var whole: JSONValue { object(isWhole: true) }

    private func object(isWhole: Bool) -> JSONValue {
        let reason = isWhole && status == "incomplete" ? script.finish : nil
        return .object([
            ("id", .string("resp_" + script.id("response", length: 48))), ("object", .string("response")),
            ("created_at", .integer(script.createdSeconds)), ("status", .string(isWhole ? status : "in_progress")),
            ("background", .bool(false)), ("error", .null),
            ("incomplete_details", reason.map { .object([("reason", .string($0))]) } ?? .null),
            ("instructions", .null), ("max_output_tokens", .null), ("model", .string(script.model)),
            ("output", .array(isWhole ? items.map(\.whole) : [])), ("parallel_tool_calls", .bool(true)),
            ("previous_response_id", .null), ("reasoning", .object([("effort", .null), ("summary", .null)])),
            ("store", .bool(true)), ("temperature", .integer(1)),
            ("text", .object([("format", .object([("type", .string("text"))]))])), ("tool_choice", .string("auto")),
            ("tools", .array([])), ("top_p", .integer(1)), ("truncation", .string("disabled")),
            ("usage", isWhole ? usage : .null), ("user", .null), ("metadata", .object([])),
        ])
    }

    private var usage: JSONValue {
        guard let usage = script.usage else { return .null }
        return .object([
            ("input_tokens", .integer(usage.input)),
            ("input_tokens_details", .object([("cached_tokens", .integer(0))])),
            ("output_tokens", .integer(usage.output)),
            ("output_tokens_details", .object([("reasoning_tokens", .integer(0))])),
            ("total_tokens", .integer(usage.input + usage.output)),
        ])
    }
}
