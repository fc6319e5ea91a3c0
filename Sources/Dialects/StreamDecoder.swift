import ServerSentEvents

/// Turns the body of an upstream's answer into the events of a log, as it arrives, in chunks that may be cut anywhere.
///
/// It appends `start` with the first frame, and everything else but `end`: that is the caller's, who also knows of
/// failures that no byte tells. Once the dialect's own end was seen, later frames are ignored, so that the log's end
/// is its last event.
///
/// ```swift
/// var decoder = StreamDecoder(dialect: .openAIChat, framing: .init(contentType: "text/event-stream"))
/// decoder.feed(chunk.span.bytes, into: &events)
/// let end = decoder.finish(into: &events)
/// events.append(.end(end))
/// ```
public struct StreamDecoder: Sendable {
    /// How much memory one stream may ask for. What exceeds it ends the stream as an error; nothing is cut.
    public struct Limits: Sendable, Hashable {
        /// The longest line, in bytes. Default 16 MiB.
        public var line: Int
        /// The longest frame, in bytes: the data of one event, or a body that is one document. Default 16 MiB.
        public var frame: Int

        public init(line: Int = 16 << 20, frame: Int = 16 << 20) {
            self.line = line
            self.frame = frame
        }
    }

    /// What gives the frames their meaning: as the request told, until the first frame shows that to be wrong.
    public var dialect: Dialect { sink.dialect }
    /// How the body is cut into frames: as announced, until its first byte shows that to be wrong (R10).
    public private(set) var framing: Dialect.Framing {
        didSet { sink.framing = framing }
    }

    private var sink: FrameSink
    private var eventStream: EventStreamParser
    private var lines: LineFramer
    private(set) var elements: JSONArrayFramer
    private var messages: AWSEventStreamFramer
    private var document: DocumentFramer
    private var isFramingKnown = false
    /// Set by a framing error, and by the end of the body; then nothing more is taken.
    private var ownEnd: StreamEnd?
    private var isClosed = false
    private var isBroken = false

    /// - Parameters:
    ///   - dialect: what gives the frames their meaning.
    ///   - isCertain: whether that holds whatever the first frame looks like.
    ///   - framing: what the content type announces; nil where it says nothing, for the dialect's own.
    ///   - limits: raise them for providers that send images or signatures in one line.
    public init(
        dialect: Dialect,
        isCertain: Bool = false,
        framing: Dialect.Framing? = nil,
        limits: Limits = Limits()
    ) {
        self.framing = framing ?? dialect.framing
        sink = FrameSink(dialect, isCertain: isCertain, framing: framing ?? dialect.framing)
        eventStream = EventStreamParser(limits: .init(line: limits.line, data: limits.frame))
        lines = LineFramer(limit: limits.line)
        elements = JSONArrayFramer(limit: limits.frame)
        messages = AWSEventStreamFramer(limit: limits.frame)
        document = DocumentFramer(limit: limits.frame)
    }

    /// How the stream ended, as far as its bytes tell: nil while it goes on.
    ///
    /// Before ``finish(into:)`` it is set by the dialect's terminal frame, an in-band error or a framing error.
    public var end: StreamEnd? {
        ownEnd ?? sink.interpreter.end
    }

    /// Whether ``end`` is set; cheaper to ask.
    public var hasEnded: Bool {
        sink.hasEnded || isClosed
    }

    /// Whether `start` has been appended: it comes with the first frame, so an empty body has none.
    public var hasStarted: Bool { sink.hasStarted }

    /// Whether everything so far makes whole frames, so that one of ours may follow.
    public var isAtFrameBoundary: Bool {
        guard !isBroken else { return false }
        return switch framing {
        case .serverSentEvents: eventStream.isAtBoundary
        case .ndjson: lines.isAtBoundary
        case .jsonArray: elements.isAtBoundary
        case .awsEventStream: messages.isAtBoundary
        case .document: document.isAtBoundary
        }
    }

    /// Whether a frame of ours has to begin with a comma: in an array that has an element already.
    public var needsComma: Bool { framing == .jsonArray && elements.needsComma }

    /// Takes the next bytes of the body, and appends the frames that they complete and what these say.
    public mutating func feed(_ bytes: RawSpan, into events: inout EventBuffer) {
        guard !isClosed else { return }
        let start = isFramingKnown ? 0 : findFraming(bytes)
        guard start < bytes.byteCount else { return }
        swap(&sink.buffer, &events)
        defer { swap(&sink.buffer, &events) }
        do {
            switch framing {
            case .serverSentEvents: try eventStream.parse(bytes.extracting(start..<bytes.byteCount), into: &sink)
            case .ndjson: try lines.parse(bytes, from: start, into: &sink)
            case .jsonArray: try elements.parse(bytes, from: start, into: &sink)
            case .awsEventStream: try messages.parse(bytes, from: start, into: &sink)
            case .document:
                try parseDocument(bytes, from: start)
            }
        } catch {
            fail(error)
        }
    }

    /// Collects a document, or reads the lines that were announced as one, as some proxies do with Ollama's (R10).
    private mutating func parseDocument(_ bytes: RawSpan, from start: Int) throws(FramingError) {
        var position = start
        while position < bytes.byteCount {
            position = try document.parse(bytes, from: position)
            guard document.findLines() else { continue }
            framing = .ndjson
            let head = document.take()
            try lines.parse(head.span.bytes, from: 0, into: &sink)
            return try lines.parse(bytes, from: position, into: &sink)
        }
    }

    /// Takes the end of the body, which the dialect judges; a last frame that lacks only its line end counts (R5).
    public mutating func finish(into events: inout EventBuffer) -> StreamEnd {
        if let ownEnd { return ownEnd }
        swap(&sink.buffer, &events)
        defer { swap(&sink.buffer, &events) }
        sink.isFlushing = true
        if !isBroken {
            do {
                switch framing {
                case .serverSentEvents: try eventStream.finish(flushingInto: &sink)
                case .ndjson: lines.flush(into: &sink)
                case .jsonArray: elements.finish()
                case .awsEventStream: try messages.finish()
                case .document: document.flush(into: &sink)
                }
            } catch {
                fail(error)
            }
        }
        let end = ownEnd ?? sink.endOfBody()
        ownEnd = end
        isClosed = true
        return end
    }

    /// Looks at the first byte of the body that isn't a line end, and steps over those before it.
    private mutating func findFraming(_ bytes: RawSpan) -> Int {
        var index = 0
        if framing == .awsEventStream, bytes.byteCount > 0 {
            // Binary: every byte of it counts.
            isFramingKnown = true
            framing = framing.corrected(byFirst: bytes.byte(at: 0), of: dialect) ?? framing
            return 0
        }
        while index < bytes.byteCount {
            let byte = bytes.byte(at: index)
            if byte != UInt8(ascii: "\n"), byte != UInt8(ascii: "\r") {
                isFramingKnown = true
                framing = framing.corrected(byFirst: byte, of: dialect) ?? framing
                break
            }
            index += 1
        }
        return index
    }

    private mutating func fail(_ error: any Error) {
        isBroken = true
        isClosed = true
        // An end that the dialect has seen stands: what comes after it was ignored anyway.
        guard !sink.hasEnded else { return }
        let error = error as? FramingError ?? FramingError(message: String(describing: error))
        ownEnd = StreamEnd(
            state: .error,
            error: StreamError(message: error.message, type: "upstream_error", code: error.code)
        )
    }
}
