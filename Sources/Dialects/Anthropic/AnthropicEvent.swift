/// Where the members of an event, or of a whole message, stand that the interpreter looks at. The values themselves are
/// read later.
///
/// Finding them reads the event to its end; so a malformed one is known before any of it was believed.
struct AnthropicEvent {
    enum Kind {
        case messageStart
        case blockStart
        case blockDelta
        case blockStop
        case messageDelta
        case messageStop
        case error
        /// A ping, or an event that came with a later version of the API.
        case other
    }

    var type = JSONSlice.absent
    var index = JSONSlice.absent
    var message = JSONSlice.absent
    var contentBlock = JSONSlice.absent
    var delta = Delta()
    var usage = JSONSlice.absent
    var error = JSONSlice.absent

    /// The members of a block's delta, or of the message's.
    struct Delta {
        var type = JSONSlice.absent
        var text = JSONSlice.absent
        var thinking = JSONSlice.absent
        var partialJSON = JSONSlice.absent
        var citation = JSONSlice.absent
        var stopReason = JSONSlice.absent
    }

    /// - Returns: false if the data isn't one JSON object; what was found then doesn't count.
    mutating func read(_ data: RawSpan) -> Bool {
        var scanner = JSONScanner(data)
        guard scanner.enterObject(in: data) else { return false }
        while let key = scanner.nextKey(in: data) {
            if key.equals("delta", in: data) {
                delta = Delta()
                delta.read(&scanner, data)
                continue
            }
            guard let value = scanner.nextValue(in: data) else { return false }
            if key.equals("type", in: data) {
                type = value
            } else if key.equals("index", in: data) {
                index = value
            } else if key.equals("usage", in: data) {
                usage = value
            } else if key.equals("content_block", in: data) {
                contentBlock = value
            } else if key.equals("message", in: data) {
                message = value
            } else if key.equals("error", in: data) {
                error = value
            }
        }
        return scanner.isAtEnd(in: data)
    }

    /// What kind of event it is: by the type within the data, else by its name.
    func kind(name: RawSpan, in data: RawSpan) -> Kind {
        if !type.isString { return error.isError(in: data) ? .error : Self.kind(name: name) }
        if type.equals("content_block_delta", in: data) { return .blockDelta }
        if type.equals("content_block_start", in: data) { return .blockStart }
        if type.equals("content_block_stop", in: data) { return .blockStop }
        if type.equals("message_start", in: data) { return .messageStart }
        if type.equals("message_delta", in: data) { return .messageDelta }
        if type.equals("message_stop", in: data) { return .messageStop }
        return type.equals("error", in: data) ? .error : .other
    }

    /// What kind of event has this name.
    static func kind(name: RawSpan) -> Kind {
        let whole = 0..<name.byteCount
        if name.equals("content_block_delta", whole) { return .blockDelta }
        if name.equals("content_block_start", whole) { return .blockStart }
        if name.equals("content_block_stop", whole) { return .blockStop }
        if name.equals("message_start", whole) { return .messageStart }
        if name.equals("message_delta", whole) { return .messageDelta }
        if name.equals("message_stop", whole) { return .messageStop }
        return name.equals("error", whole) ? .error : .other
    }
}

extension AnthropicEvent.Delta {
    fileprivate mutating func read(_ scanner: inout JSONScanner, _ data: RawSpan) {
        guard scanner.enterObject(in: data) else {
            _ = scanner.nextValue(in: data)
            return
        }
        while let key = scanner.nextKey(in: data), let value = scanner.nextValue(in: data) {
            if key.equals("type", in: data) {
                type = value
            } else if key.equals("text", in: data) {
                text = value
            } else if key.equals("partial_json", in: data) {
                partialJSON = value
            } else if key.equals("thinking", in: data) {
                thinking = value
            } else if key.equals("citation", in: data) {
                citation = value
            } else if key.equals("stop_reason", in: data) {
                stopReason = value
            }
        }
    }
}

/// Where the members of a message stand: what a stream begins with, or an answer that is one document.
struct AnthropicMessage {
    var type = JSONSlice.absent
    var id = JSONSlice.absent
    var model = JSONSlice.absent
    var content = JSONSlice.absent
    var stopReason = JSONSlice.absent
    var usage = JSONSlice.absent
    var error = JSONSlice.absent

    init(_ value: JSONSlice, in data: RawSpan) {
        var scanner = JSONScanner(data, value)
        guard scanner.enterObject(in: data) else { return }
        while let key = scanner.nextKey(in: data), let value = scanner.nextValue(in: data) {
            if key.equals("type", in: data) {
                type = value
            } else if key.equals("id", in: data) {
                id = value
            } else if key.equals("model", in: data) {
                model = value
            } else if key.equals("content", in: data) {
                content = value
            } else if key.equals("stop_reason", in: data) {
                stopReason = value
            } else if key.equals("usage", in: data) {
                usage = value
            } else if key.equals("error", in: data) {
                error = value
            }
        }
    }

    func start(in data: RawSpan) -> StreamStart {
        StreamStart(id: id.nonEmptyString(in: data), model: model.nonEmptyString(in: data))
    }
}
