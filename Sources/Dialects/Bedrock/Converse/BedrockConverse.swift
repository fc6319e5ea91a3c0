extension Dialect {
    /// Amazon Bedrock's Converse, the same for all its models.
    ///
    /// Events come as messages of AWS's event streams. `messageStop` ends the answer and `metadata`, which has the usage,
    /// follows it: the stream is complete with both, or where the body ends behind the first.
    public static let bedrockConverse = Dialect(
        name: "bedrock.converse",
        framing: .awsEventStream,
        errors: .bedrock,
        matches: { BedrockPath.model($0, operations: ["converse-stream", "converse"]) != nil },
        // Others have events named `metadata` too.
        recognizes: { name, _ in
            ConverseEvent(name).map { $0 != .metadata } ?? StreamError.isBedrockException(name)
        },
        model: { BedrockPath.model($0, operations: ["converse-stream", "converse"]) },
        makeInterpreter: { BedrockConverseInterpreter() }
    )
}

/// What the events of Converse are called, in Nova's own format too.
enum ConverseEvent: CaseIterable {
    case messageStart, blockStart, blockDelta, blockStop, messageStop, metadata

    private var name: StaticString {
        switch self {
        case .messageStart: "messageStart"
        case .blockStart: "contentBlockStart"
        case .blockDelta: "contentBlockDelta"
        case .blockStop: "contentBlockStop"
        case .messageStop: "messageStop"
        case .metadata: "metadata"
        }
    }

    init?(_ name: RawSpan) {
        guard let event = Self.allCases.first(where: { name.equals($0.name, 0..<name.byteCount) }) else { return nil }
        self = event
    }

    /// - Parameter key: a member's name.
    init?(_ key: JSONSlice, in data: RawSpan) {
        guard let event = Self.allCases.first(where: { key.equals($0.name, in: data) }) else { return nil }
        self = event
    }
}

/// Reads the events of Converse.
struct BedrockConverseInterpreter: FrameInterpreter {
    private(set) var end: StreamEnd?
    private var message = ConverseMessage()

    mutating func frame(name: RawSpan, data: RawSpan, into events: inout EventBuffer) {
        if let error = StreamError(bedrock: name, data) {
            end = StreamEnd(state: .error, terminal: "exception", error: error)
            return
        }
        guard let event = ConverseEvent(name), let payload = data.wholeJSON else { return }
        message.take(event, payload, data, into: &events)
        end = message.end
    }

    mutating func document(_ data: RawSpan, into events: inout EventBuffer) {
        guard let payload = data.wholeJSON else { return }
        if message.take(document: payload, data, into: &events) {
            end = StreamEnd(state: .complete)
        } else if let error = StreamError(bedrockDocument: payload, data) {
            end = StreamEnd(state: .error, terminal: "error", error: error)
        }
    }

    mutating func endOfBody(into events: inout EventBuffer) -> StreamEnd {
        end ?? message.endOfBody
    }
}

extension RawSpan {
    /// The one JSON value that this is, or nil if it isn't.
    var wholeJSON: JSONSlice? {
        var scanner = JSONScanner(self)
        guard let value = scanner.nextValue(in: self), scanner.isAtEnd(in: self) else { return nil }
        return value
    }

    /// A member of the one object that the bytes are: absent where they aren't that, too. Reads them once for both.
    func memberOfWhole(_ name: StaticString) -> JSONSlice {
        var scanner = JSONScanner(self)
        var found = JSONSlice.absent
        guard scanner.enterObject(in: self) else { return found }
        while let key = scanner.nextKey(in: self), let value = scanner.nextValue(in: self) {
            if key.equals(name, in: self) { found = value }
        }
        return scanner.isAtEnd(in: self) ? found : .absent
    }
}
