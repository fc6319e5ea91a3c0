import Dialects

/// The `openai` view: every dialect as `chat.completion.chunk` objects, one usage chunk if asked for, one `[DONE]`.
///
/// A stream that didn't complete ends with an error object and no `[DONE]`: success is never made up.
enum ChatView {
    static func render(
        _ event: TokenEvent,
        of context: EventContext,
        sequence: Int,
        includesUsage: Bool,
        into output: inout EventOutput
    ) {
        let stream = context.info.id
        switch event {
        case .start:
            output.message("chunk", sequence: sequence, stream: stream) { bytes in
                chunk(context, choice: 0, &bytes) { $0.append(verbatim: "{\"role\":\"assistant\",\"content\":\"\"}") }
            }
        case .delta(let delta):
            // A source that isn't on the web has no form here.
            if case .citation(let citation) = delta.content, citation.url == nil { return }
            output.message("chunk", sequence: sequence, stream: stream) { bytes in
                chunk(context, choice: delta.choice, &bytes) { content(delta, context, &$0) }
            }
        case .finish(let choice, let reason):
            output.message("chunk", sequence: sequence, stream: stream) { bytes in
                chunk(context, choice: choice, finish: reason.openAI, &bytes) { $0.append(verbatim: "{}") }
            }
        case .end(let end):
            close(end, context, sequence: sequence, includesUsage, into: &output)
        // Counts may come many times; the last ones stand in the closing chunk. Nothing in this format takes back
        // what was said: where a restart makes it void, the end is an error.
        case .usage, .restart, .opaque:
            break
        }
    }

    private static func close(
        _ end: StreamEnd,
        _ context: EventContext,
        sequence: Int,
        _ includesUsage: Bool,
        into output: inout EventOutput
    ) {
        let stream = context.info.id
        guard end.state == .complete else {
            output.message("error", sequence: sequence, stream: stream) { error(end, &$0) }
            return
        }
        if context.summary?.hasVoided == true {
            let error = StreamError(message: "the provider began its message anew", type: "stream_restarted")
            let void = StreamEnd(state: .error, error: error)
            output.message("error", sequence: sequence, stream: stream) { Self.error(void, &$0) }
            return
        }
        if includesUsage, let usage = context.summary?.usage {
            output.message("chunk", sequence: sequence, stream: stream) { bytes in
                head(context, &bytes)
                bytes.append(verbatim: "\"choices\":[],\"usage\":{\"prompt_tokens\":")
                bytes.appendJSON(integer: usage.input ?? 0)
                bytes.append(verbatim: ",\"completion_tokens\":")
                bytes.appendJSON(integer: usage.output ?? 0)
                bytes.append(verbatim: ",\"total_tokens\":")
                bytes.appendJSON(integer: usage.total ?? sum(usage.input ?? 0, usage.output ?? 0))
                if let cached = usage.cached {
                    bytes.append(verbatim: ",\"prompt_tokens_details\":{\"cached_tokens\":")
                    bytes.appendJSON(integer: cached)
                    bytes.append(UInt8(ascii: "}"))
                }
                if let reasoning = usage.reasoning {
                    bytes.append(verbatim: ",\"completion_tokens_details\":{\"reasoning_tokens\":")
                    bytes.appendJSON(integer: reasoning)
                    bytes.append(UInt8(ascii: "}"))
                }
                bytes.append(verbatim: "}}")
            }
        }
        output.message("done", sequence: sequence, stream: stream, text: "[DONE]")
    }

    /// Counts come from the network: a sum that can't be is the largest number.
    private static func sum(_ left: Int, _ right: Int) -> Int {
        let (sum, overflows) = left.addingReportingOverflow(right)
        return overflows ? Int.max : sum
    }

    private static func head(_ context: EventContext, _ bytes: inout [UInt8]) {
        bytes.append(verbatim: "{\"id\":")
        bytes.appendJSON(string: context.info.start.id ?? context.info.id.description)
        bytes.append(verbatim: ",\"object\":\"chat.completion.chunk\",\"created\":")
        bytes.appendJSON(integer: context.info.created)
        bytes.append(verbatim: ",\"model\":")
        bytes.appendJSON(string: context.info.model ?? "")
        bytes.append(UInt8(ascii: ","))
    }

    private static func chunk(
        _ context: EventContext,
        choice: Int,
        finish: String? = nil,
        _ bytes: inout [UInt8],
        _ delta: (inout [UInt8]) -> Void
    ) {
        head(context, &bytes)
        bytes.append(verbatim: "\"choices\":[{\"index\":")
        bytes.appendJSON(integer: choice)
        bytes.append(verbatim: ",\"delta\":")
        delta(&bytes)
        bytes.append(verbatim: ",\"finish_reason\":")
        bytes.appendJSON(string: finish)
        bytes.append(verbatim: "}]}")
    }

    private static func content(_ delta: TokenDelta, _ context: EventContext, _ bytes: inout [UInt8]) {
        switch delta.content {
        case .text(let text):
            bytes.append(verbatim: "{\"content\":")
            bytes.appendJSON(string: text)
        case .reasoning(let text):
            bytes.append(verbatim: "{\"reasoning_content\":")
            bytes.appendJSON(string: text)
        case .refusal(let text):
            bytes.append(verbatim: "{\"refusal\":")
            bytes.appendJSON(string: text)
        case .toolCall(let call):
            bytes.append(verbatim: "{\"tool_calls\":[{\"index\":")
            bytes.appendJSON(integer: call.index)
            if let id = call.id ?? madeUpID(call, context) {
                bytes.append(verbatim: ",\"id\":")
                bytes.appendJSON(string: id)
                bytes.append(verbatim: ",\"type\":\"function\"")
            }
            bytes.append(verbatim: ",\"function\":{")
            if let name = call.name {
                bytes.append(verbatim: "\"name\":")
                bytes.appendJSON(string: name)
                bytes.append(UInt8(ascii: ","))
            }
            bytes.append(verbatim: "\"arguments\":")
            bytes.appendJSON(string: call.arguments)
            bytes.append(verbatim: "}}]")
        case .citation(let citation):
            bytes.append(verbatim: "{\"annotations\":[{\"type\":\"url_citation\",\"url_citation\":{\"url\":")
            bytes.appendJSON(string: citation.url ?? "")
            bytes.append(verbatim: ",\"title\":")
            bytes.appendJSON(string: citation.title ?? "")
            bytes.append(verbatim: "}}]")
        }
        bytes.append(UInt8(ascii: "}"))
    }

    /// An id for a call that its provider gave none, as Ollama and Gemini don't: this format's clients answer calls by it.
    /// The same reader and any other get the same one, however often they ask.
    private static func madeUpID(_ call: ToolCallDelta, _ context: EventContext) -> String? {
        // A call's name comes once, with its first piece.
        call.name == nil ? nil : "call_\(context.info.id.description.suffix(12))_\(call.index)"
    }

    private static func error(_ end: StreamEnd, _ bytes: inout [UInt8]) {
        bytes.append(verbatim: "{\"error\":{\"message\":")
        bytes.appendJSON(string: end.error?.message ?? "the upstream's stream was \(end.state.rawValue)")
        bytes.append(verbatim: ",\"type\":")
        bytes.appendJSON(string: end.error?.type ?? "stream_\(end.state.rawValue)")
        bytes.append(verbatim: ",\"param\":null,\"code\":")
        bytes.appendJSON(string: end.error?.code)
        bytes.append(verbatim: "}}")
    }
}
