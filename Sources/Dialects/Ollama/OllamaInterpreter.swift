/// Reads Ollama's chat and its completions, line by line. An answer that isn't streamed is one line of the same shape.
struct OllamaInterpreter: FrameInterpreter {
    private(set) var end: StreamEnd?
    private(set) var hasEnded = false
    private var choice = ChoiceState(index: 0)
    private var hasCalls = false
    /// Whether there were frames, and whether any of them was a line of Ollama's.
    private var hasFrames = false
    private var hasLines = false

    func start(name: RawSpan, data: RawSpan) -> StreamStart {
        var line = OllamaLine()
        guard line.read(data) else { return StreamStart() }
        return StreamStart(model: line.model.nonEmptyString(in: data))
    }

    mutating func frame(name: RawSpan, data: RawSpan, into events: inout EventBuffer) {
        hasFrames = true
        var line = OllamaLine()
        guard line.read(data), line.isOllama else { return }
        hasLines = true
        if let text = line.thinking.nonEmptyString(in: data) { append(.reasoning, text, into: &events) }
        // The last line may bring text, too.
        if let text = line.content.nonEmptyString(in: data) ?? line.response.nonEmptyString(in: data) {
            append(.text, text, into: &events)
        }
        if line.toolCalls.kind == .array { toolCalls(line.toolCalls, data, into: &events) }
        let isDone = line.isDone(in: data)
        // Old servers give no reason.
        if isDone, let reason = line.doneReason.nonEmptyString(in: data) {
            events.append(.finish(choice: 0, FinishReason(ollama: reason, hasCalls: hasCalls)))
        }
        if let usage = TokenUsage(line, in: data) { events.append(.usage(usage)) }
        if line.error.isPresent, line.error.isError(in: data) {
            let error = StreamError(openAI: line.error, in: data)
            finish(StreamEnd(state: .error, terminal: "error", error: error))
        } else if isDone {
            finish(StreamEnd(state: .complete, terminal: "done"))
        }
    }

    mutating func endOfBody(into events: inout EventBuffer) -> StreamEnd {
        // Many services have a path like this one. Where no line was Ollama's, its end says nothing either.
        end ?? StreamEnd(state: hasFrames && !hasLines ? .complete : .truncated)
    }

    /// Every call comes whole. Their index doesn't tell them apart, since some versions give each of them 0 (R21).
    private mutating func toolCalls(_ calls: JSONSlice, _ data: RawSpan, into events: inout EventBuffer) {
        var scanner = JSONScanner(data, calls)
        guard scanner.enterArray(in: data) else { return }
        while scanner.nextElement(in: data), let call = scanner.nextValue(in: data) {
            let function = call.member("function", in: data)
            let arguments = function.member("arguments", in: data)
            let id = call.member("id", in: data).nonEmptyString(in: data)
            let delta = choice.toolCall(
                index: nil,
                id: id,
                name: function.member("name", in: data).nonEmptyString(in: data),
                arguments: arguments.string(in: data) ?? (arguments.isPresent ? arguments.raw(in: data) : "")
            )
            guard let delta, case .toolCall(let call) = delta.content else { continue }
            // A whole call whose id is known is the same call, told again.
            if arguments.kind == .object, id != nil, call.id == nil { continue }
            hasCalls = true
            events.append(.delta(delta))
        }
    }

    private mutating func append(_ kind: MessageFold.Part.Kind, _ text: String, into events: inout EventBuffer) {
        let content: TokenDelta.Content = kind == .reasoning ? .reasoning(text) : .text(text)
        events.append(.delta(TokenDelta(choice: 0, part: choice.part(for: kind), content: content)))
    }

    private mutating func finish(_ end: StreamEnd) {
        self.end = end
        hasEnded = true
    }
}

extension FinishReason {
    /// Reads Ollama's word, which is `stop` for tool calls, too.
    fileprivate init(ollama word: String, hasCalls: Bool) {
        let kind: Kind =
            switch word.knownWord {
            case "stop": hasCalls ? .toolCalls : .stop
            case "length": .length
            // Asked nothing, a server only loads or unloads the model.
            default: .other
            }
        self.init(raw: word, kind: kind)
    }
}

extension TokenUsage {
    /// Reads the counts of a line, or nil where it has none. There is no object that holds them: `raw` is one of them.
    fileprivate init?(_ line: OllamaLine, in data: RawSpan) {
        let input = line.promptCount.integer(in: data)
        let output = line.count.integer(in: data)
        guard input != nil || output != nil else { return nil }
        var raw: [UInt8] = [UInt8(ascii: "{")]
        func append(_ key: StaticString, _ value: JSONSlice) {
            guard value.isPresent else { return }
            if raw.count > 1 { raw.append(UInt8(ascii: ",")) }
            raw.append(verbatim: key)
            raw.append(data, value.range)
        }
        append(#""prompt_eval_count":"#, line.promptCount)
        append(#""eval_count":"#, line.count)
        append(#""total_duration":"#, line.duration)
        raw.append(UInt8(ascii: "}"))
        self.init(input: input, output: output, raw: String(decoding: raw, as: UTF8.self))
    }
}
