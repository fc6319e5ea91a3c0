public import Dialects

/// The `delta` view: normalised token events, the same whatever the provider.
public enum DeltaView {
    /// What an event is called in this view; nil for those that it doesn't show.
    public static func name(of event: TokenEvent) -> StaticString? {
        switch event {
        case .start: "start"
        case .restart: "restart"
        case .delta: "delta"
        case .usage: "usage"
        case .end: "end"
        case .finish, .opaque: nil
        }
    }

    /// Appends an event's data, a JSON object.
    ///
    /// - Parameters:
    ///   - first: where several deltas are merged into this one, the first of them.
    ///   - stream: named in the object where streams meet in one log.
    public static func append(
        _ event: TokenEvent,
        of context: EventContext,
        mergedFrom first: ResumeToken? = nil,
        naming stream: StreamID? = nil,
        to bytes: inout [UInt8]
    ) {
        switch event {
        case .start: start(context.info, &bytes)
        case .restart(let start): restart(start, &bytes)
        case .delta(let delta): self.delta(delta, &bytes)
        case .usage(let usage): self.usage(usage, &bytes)
        case .end(let end): self.end(end, context.summary?.finish, &bytes)
        case .finish, .opaque: return
        }
        // Each of them leaves its object open for these.
        if let first {
            bytes.append(verbatim: ",\"first\":\"")
            bytes.append(contentsOf: first.description.utf8)
            bytes.append(UInt8(ascii: "\""))
        }
        if let stream {
            bytes.append(verbatim: ",\"stream\":\"")
            bytes.append(contentsOf: stream.description.utf8)
            bytes.append(UInt8(ascii: "\""))
        }
        bytes.append(UInt8(ascii: "}"))
    }

    static func render(
        _ event: TokenEvent,
        of context: EventContext,
        sequence: Int,
        mergedFrom first: ResumeToken? = nil,
        into output: inout EventOutput
    ) {
        guard let name = name(of: event) else { return }
        let stream = context.info.id
        let named = output.isForeign(stream) ? stream : nil
        output.event(name, sequence: sequence, stream: stream) { bytes in
            append(event, of: context, mergedFrom: first, naming: named, to: &bytes)
        }
    }

    private static func start(_ info: StreamInfo, _ bytes: inout [UInt8]) {
        bytes.append(verbatim: "{\"dialect\":")
        bytes.appendJSON(string: info.dialect)
        bytes.append(verbatim: ",\"model\":")
        bytes.appendJSON(string: info.model)
        bytes.append(verbatim: ",\"id\":")
        bytes.appendJSON(string: info.start.id)
        bytes.append(verbatim: ",\"method\":")
        bytes.appendJSON(string: info.method)
        bytes.append(verbatim: ",\"path\":")
        bytes.appendJSON(string: info.path)
        bytes.append(verbatim: ",\"status\":")
        bytes.appendJSON(integer: info.status)
        bytes.append(verbatim: ",\"created\":")
        bytes.appendJSON(integer: info.created)
    }

    private static func restart(_ start: StreamStart, _ bytes: inout [UInt8]) {
        bytes.append(verbatim: "{\"model\":")
        bytes.appendJSON(string: start.model)
        bytes.append(verbatim: ",\"id\":")
        bytes.appendJSON(string: start.id)
    }

    private static func delta(_ delta: TokenDelta, _ bytes: inout [UInt8]) {
        bytes.append(verbatim: "{\"choice\":")
        bytes.appendJSON(integer: delta.choice)
        bytes.append(verbatim: ",\"part\":")
        bytes.appendJSON(integer: delta.part)
        switch delta.content {
        case .text(let text):
            bytes.append(verbatim: ",\"type\":\"text\",\"text\":")
            bytes.appendJSON(string: text)
        case .reasoning(let text):
            bytes.append(verbatim: ",\"type\":\"reasoning\",\"text\":")
            bytes.appendJSON(string: text)
        case .refusal(let text):
            bytes.append(verbatim: ",\"type\":\"refusal\",\"text\":")
            bytes.appendJSON(string: text)
        case .toolCall(let call):
            bytes.append(verbatim: ",\"type\":\"tool_call\",\"id\":")
            bytes.appendJSON(string: call.id)
            bytes.append(verbatim: ",\"name\":")
            bytes.appendJSON(string: call.name)
            bytes.append(verbatim: ",\"arguments\":")
            bytes.appendJSON(string: call.arguments)
        case .citation(let citation):
            bytes.append(verbatim: ",\"type\":\"citation\",\"url\":")
            bytes.appendJSON(string: citation.url)
            bytes.append(verbatim: ",\"title\":")
            bytes.appendJSON(string: citation.title)
            bytes.append(verbatim: ",\"raw\":")
            bytes.appendJSON(string: citation.raw)
        }
    }

    static func usage(_ usage: TokenUsage, _ bytes: inout [UInt8]) {
        bytes.append(verbatim: "{\"input_tokens\":")
        bytes.appendJSON(integer: usage.input)
        bytes.append(verbatim: ",\"output_tokens\":")
        bytes.appendJSON(integer: usage.output)
        bytes.append(verbatim: ",\"total_tokens\":")
        bytes.appendJSON(integer: usage.total)
        bytes.append(verbatim: ",\"cached_tokens\":")
        bytes.appendJSON(integer: usage.cached)
        bytes.append(verbatim: ",\"cache_creation_tokens\":")
        bytes.appendJSON(integer: usage.cacheCreation)
        bytes.append(verbatim: ",\"reasoning_tokens\":")
        bytes.appendJSON(integer: usage.reasoning)
        if usage.isEstimated { bytes.append(verbatim: ",\"estimated\":true") }
    }

    static func end(_ end: StreamEnd, _ finish: String?, _ bytes: inout [UInt8]) {
        bytes.append(verbatim: "{\"state\":")
        bytes.appendJSON(string: end.state.rawValue)
        bytes.append(verbatim: ",\"finish\":")
        bytes.appendJSON(string: finish)
        bytes.append(verbatim: ",\"terminal\":")
        bytes.appendJSON(string: end.terminal)
        guard let error = end.error else { return }
        bytes.append(verbatim: ",\"error\":{\"message\":")
        bytes.appendJSON(string: error.message)
        bytes.append(verbatim: ",\"type\":")
        bytes.appendJSON(string: error.type)
        bytes.append(verbatim: ",\"code\":")
        bytes.appendJSON(string: error.code)
        bytes.append(verbatim: ",\"status\":")
        bytes.appendJSON(integer: error.status)
        bytes.append(UInt8(ascii: "}"))
    }
}
