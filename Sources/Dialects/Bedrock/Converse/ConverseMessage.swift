/// An answer in Converse's terms, as its events build it up.
///
/// Nova speaks the same in its own format, but numbers every token's text as a block of its own; there runs of text are
/// one part.
struct ConverseMessage: Sendable {
    var parts = BlockParts<Int>()
    private var finishReason: String?
    private var hasMetadata = false
    /// Whether text goes on in the part before it, whatever its block.
    let joinsBlocks: Bool
    /// The block that the latest piece belongs to, where pieces are joined.
    var latest: Int?

    init(joinsBlocks: Bool = false) {
        self.joinsBlocks = joinsBlocks
    }

    /// Set once both events that end a stream were seen: the usage comes behind the end of the answer.
    var end: StreamEnd? {
        finishReason != nil && hasMetadata ? StreamEnd(state: .complete, terminal: "messageStop") : nil
    }

    /// The judgement of a body that ends here.
    var endOfBody: StreamEnd {
        finishReason == nil ? StreamEnd(state: .truncated) : StreamEnd(state: .complete, terminal: "messageStop")
    }

    /// - Parameter payload: what belongs to the event, within `data`.
    mutating func take(
        _ event: ConverseEvent,
        _ payload: JSONSlice,
        _ data: RawSpan,
        into events: inout EventBuffer
    ) {
        switch event {
        case .messageStart, .blockStop: break
        case .blockStart, .blockDelta: block(payload, data, into: &events)
        case .messageStop: stop(payload.member("stopReason", in: data), data, into: &events)
        case .metadata:
            hasMetadata = true
            if let usage = TokenUsage(bedrock: payload.member("usage", in: data), in: data) {
                events.append(.usage(usage))
            }
        }
    }

    private mutating func stop(_ reason: JSONSlice, _ data: RawSpan, into events: inout EventBuffer) {
        let word = reason.string(in: data) ?? ""
        if !word.isEmpty, finishReason?.hasSameBytes(as: word) != true {
            events.append(.finish(choice: 0, FinishReason(bedrock: word)))
        }
        finishReason = word
    }

    private mutating func block(_ payload: JSONSlice, _ data: RawSpan, into events: inout EventBuffer) {
        var scanner = JSONScanner(data, payload)
        guard scanner.enterObject(in: data) else { return }
        var index = 0
        var start = JSONSlice.absent
        var delta = JSONSlice.absent
        while let key = scanner.nextKey(in: data), let value = scanner.nextValue(in: data) {
            if key.equals("contentBlockIndex", in: data) {
                index = value.integer(in: data) ?? 0
            } else if key.equals("start", in: data) {
                start = value
            } else if key.equals("delta", in: data) {
                delta = value
            }
        }
        if start.isPresent { content(start, index, isStart: true, data, into: &events) }
        if delta.isPresent { content(delta, index, isStart: false, data, into: &events) }
    }

    /// Takes the answer to a request that didn't ask for a stream.
    ///
    /// - Returns: false where it is none.
    mutating func take(document: JSONSlice, _ data: RawSpan, into events: inout EventBuffer) -> Bool {
        let message = document.member("output", in: data).member("message", in: data)
        guard message.kind == .object else { return false }
        var scanner = JSONScanner(data, message.member("content", in: data))
        if scanner.enterArray(in: data) {
            var index = 0
            while scanner.nextElement(in: data), let block = scanner.nextValue(in: data) {
                content(block, index, isStart: true, data, into: &events)
                index += 1
            }
        }
        if let usage = TokenUsage(bedrock: document.member("usage", in: data), in: data) {
            events.append(.usage(usage))
        }
        stop(document.member("stopReason", in: data), data, into: &events)
        return true
    }
}
