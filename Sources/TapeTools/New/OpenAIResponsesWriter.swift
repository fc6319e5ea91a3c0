import Dialects
import Tapes

/// OpenAI's responses.
struct OpenAIResponsesWriter: TapeWriter {
    let name = "openai.responses"

    func request(_ script: TapeScript) -> TapeRequest {
        var body: [(String, JSONValue)] = [("model", .string(script.model)), ("input", .string(script.prompt))]
        if !script.isDocument { body.append(("stream", .bool(true))) }
        return Self.post("/v1/responses", body)
    }

    func stream(_ script: TapeScript) -> [StreamPiece] {
        let response = OpenAIResponseObject(script)
        var events = Events()
        for type in ["response.created", "response.in_progress"] {
            events.add(type, [("response", response.begun)])
        }
        for (index, item) in response.items.enumerated() {
            let output = ("output_index", JSONValue.integer(index))
            events.add("response.output_item.added", [output, ("item", item.begun)])
            let place = [("item_id", JSONValue.string(item.id)), output]
            switch item.content {
            case .reasoning(let text):
                events.part("reasoning_summary", place + [("summary_index", .integer(0))]) {
                    item.part($0)
                } text: {
                    $0.text("reasoning_summary_text", script.pieces.split(text), "text", $1)
                }
            case .message(let text):
                events.part("content", place + [("content_index", .integer(0))]) {
                    item.part($0)
                } text: {
                    $0.text("output_text", script.pieces.split(text), "text", $1, [("logprobs", .array([]))])
                }
            case .call(let call):
                let pieces = script.pieces.splitArguments(call.arguments)
                events.text("function_call_arguments", pieces, "arguments", place)
            }
            events.add("response.output_item.done", [output, ("item", item.whole)])
        }
        events.add("response.\(response.status)", [("response", response.whole)])
        return events.pieces
    }

    func document(_ script: TapeScript) -> JSONValue { OpenAIResponseObject(script).whole }

    func error(status: Int, message: String) -> JSONValue { OpenAIChatWriter().error(status: status, message: message) }
}

extension OpenAIResponsesWriter {
    /// Events with the numbers that they have within their stream.
    private struct Events {
        var pieces: [StreamPiece] = []

        mutating func add(_ type: String, _ members: [(String, JSONValue)], isToken: Bool = false) {
            let head: [(String, JSONValue)] = [
                ("type", .string(type)), ("sequence_number", .integer(pieces.count)),
            ]
            pieces.append(.event(type, .object(head + members), isToken: isToken))
        }

        /// A part with its text between its beginning and its end.
        mutating func part(
            _ name: String,
            _ place: [(String, JSONValue)],
            _ part: (_ isWhole: Bool) -> JSONValue,
            text: (inout Events, _ place: [(String, JSONValue)]) -> Void
        ) {
            add("response.\(name)_part.added", place + [("part", part(false))])
            text(&self, place)
            add("response.\(name)_part.done", place + [("part", part(true))])
        }

        /// A text: its pieces, then all of it.
        mutating func text(
            _ name: String,
            _ texts: [String],
            _ member: String,
            _ place: [(String, JSONValue)],
            _ more: [(String, JSONValue)] = []
        ) {
            for text in texts {
                add("response.\(name).delta", place + [("delta", .string(text))] + more, isToken: true)
            }
            add("response.\(name).done", place + [(member, .string(texts.joined()))] + more)
        }
    }
}
