/// Whose format the chunks of an invoked model are in, as its first one shows.
enum InvokedModel: Sendable {
    /// Claude's messages.
    case anthropic
    /// Claude's text completions.
    case anthropicComplete
    /// Command R's chat.
    case cohereV1
    case cohereV2
    /// Amazon Nova: Converse's events, each an object with one member.
    case nova
    /// OpenAI's chunks, which AI21's Jamba and most newer models have.
    case choices
    /// Formats that are text and counts: Titan, Llama, Mistral, Cohere's Command, DeepSeek, Jurassic.
    case text

    /// Finds the format of a chunk, or of a document; nil where it is none that we know, or says nothing yet.
    init?(_ data: RawSpan) {
        var scanner = JSONScanner(data)
        guard scanner.enterObject(in: data) else { return nil }
        var found: InvokedModel?
        while let key = scanner.nextKey(in: data), let value = scanner.nextValue(in: data) {
            // A member that only one format has goes before those that several might.
            if let model = Self.named(by: key, value, data), found == nil || found == .text { found = model }
        }
        guard let found, scanner.isAtEnd(in: data) else { return nil }
        self = found
    }

    private static func named(by key: JSONSlice, _ value: JSONSlice, _ data: RawSpan) -> InvokedModel? {
        if ConverseEvent(key, in: data) != nil || key.equals("output", in: data) && value.kind == .object {
            return .nova
        }
        if key.equals("type", in: data), let type = value.string(in: data) {
            // `message-start`, `content-delta`: Cohere's; `message_start`, `ping`, `error`: Anthropic's.
            return type.utf8.contains(UInt8(ascii: "-")) ? .cohereV2 : .anthropic
        }
        if key.equals("event_type", in: data) { return .cohereV1 }
        if key.equals("completion", in: data) { return .anthropicComplete }
        if key.equals("choices", in: data) { return choices(value, data) }
        return BedrockTextChunk.isKey(key, data) ? .text : nil
    }

    /// Choices are OpenAI's, or those of Mistral and DeepSeek on Bedrock (`message`, `text`, `stop_reason`). Where there
    /// are none yet the next chunk shows it.
    private static func choices(_ choices: JSONSlice, _ data: RawSpan) -> InvokedModel? {
        var scanner = JSONScanner(data, choices)
        guard scanner.enterArray(in: data), scanner.nextElement(in: data), let choice = scanner.nextValue(in: data)
        else { return nil }
        let isOpenAI =
            choice.member("delta", in: data).isPresent || choice.member("finish_reason", in: data).kind != .absent
        return isOpenAI ? .choices : .text
    }

    func makeInterpreter() -> any FrameInterpreter {
        switch self {
        case .anthropic: Dialect.anthropicMessages.makeInterpreter()
        case .anthropicComplete: Dialect.anthropicComplete.makeInterpreter()
        case .cohereV1: Dialect.cohereChatV1.makeInterpreter()
        case .cohereV2: Dialect.cohereChat.makeInterpreter()
        case .choices: Dialect.openAIChat.makeInterpreter()
        case .nova: BedrockNovaInterpreter()
        case .text: BedrockTextInterpreter()
        }
    }

    /// Whether the usage that the format itself gives is better than Bedrock's metrics.
    var hasExactUsage: Bool {
        switch self {
        case .nova, .text: false
        default: true
        }
    }
}

/// Reads Nova's own format: Converse's events, each an object with one member that is named like it.
struct BedrockNovaInterpreter: FrameInterpreter {
    private(set) var end: StreamEnd?
    private var message = ConverseMessage(joinsBlocks: true)

    mutating func frame(name: RawSpan, data: RawSpan, into events: inout EventBuffer) {
        guard data.wholeJSON != nil else { return }
        var scanner = JSONScanner(data)
        guard scanner.enterObject(in: data) else { return }
        while let key = scanner.nextKey(in: data), let value = scanner.nextValue(in: data) {
            if let event = ConverseEvent(key, in: data) { message.take(event, value, data, into: &events) }
        }
        end = message.end
    }

    mutating func document(_ data: RawSpan, into events: inout EventBuffer) {
        guard let payload = data.wholeJSON, message.take(document: payload, data, into: &events) else { return }
        end = StreamEnd(state: .complete)
    }

    mutating func endOfBody(into events: inout EventBuffer) -> StreamEnd { end ?? message.endOfBody }
}
