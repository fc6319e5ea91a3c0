import ServerSentEvents

/// Where all framings put their frames: it has the dialect interpret them, and keeps the order of the log.
struct FrameSink: EventStreamHandler, Sendable {
    /// The caller's buffer while it feeds, an empty one else.
    var buffer = EventBuffer()
    private(set) var dialect: Dialect
    private(set) var interpreter: any FrameInterpreter
    /// How the frames were cut.
    var framing: Dialect.Framing
    /// How many more frames are asked whose they are, while the dialect makes nothing of them: a stream may begin with
    /// pings, or with what is newer than its dialect here.
    private var questions: Int
    /// Whether `start` has been appended.
    private(set) var hasStarted = false
    /// Whether the stream's end has been seen. What comes after it is ignored.
    private(set) var hasEnded = false
    /// Whether the body is over, so that what comes now may be cut short.
    var isFlushing = false

    /// - Parameter isCertain: whether the dialect is sure, so that no frame is asked.
    init(_ dialect: Dialect, isCertain: Bool, framing: Dialect.Framing) {
        self.dialect = dialect
        self.framing = framing
        questions = isCertain ? 0 : 8
        interpreter = dialect.makeInterpreter()
    }

    mutating func event(name: RawSpan, data: RawSpan, lastEventID: RawSpan) {
        frame(name: name, data: data)
    }

    mutating func unknownField(name: RawSpan, value: RawSpan) {
        guard !hasEnded else { return }
        interpreter.unknownField(name: name, value: value, into: &buffer)
        hasEnded = interpreter.hasEnded
    }

    mutating func frame(name: RawSpan, data: RawSpan) {
        guard !hasEnded, !isFlushing || !data.isCutJSON else { return }
        open(name, data)
        let count = buffer.events.count
        interpreter.frame(name: name, data: data, into: &buffer)
        // Who understands a stream is its dialect.
        if questions > 0, buffer.events.count > count { questions = 0 }
        buffer.closeFrame()
        hasEnded = interpreter.hasEnded
    }

    mutating func document(_ data: RawSpan) {
        guard !hasEnded else { return }
        open(RawSpan(), data)
        interpreter.document(data, into: &buffer)
        buffer.closeFrame()
        hasEnded = interpreter.hasEnded
    }

    /// Takes the end of the body. What it appends belongs to no frame.
    mutating func endOfBody() -> StreamEnd {
        interpreter.endOfBody(into: &buffer)
    }

    @inline(__always)
    private mutating func open(_ name: RawSpan, _ data: RawSpan) {
        buffer.openFrame(name: name, data: data)
        if questions > 0 { recognize(name, data) }
        guard !hasStarted else { return }
        hasStarted = true
        buffer.append(.start(interpreter.start(name: name, data: data)))
    }

    /// Believes a frame more than the path, where another dialect knows it for its own and this one doesn't.
    private mutating func recognize(_ name: RawSpan, _ data: RawSpan) {
        questions -= 1
        if dialect.recognizes(name, data) {
            questions = 0
            return
        }
        guard let other = Dialect.recognizing(name: name, data: data, framing: framing) else { return }
        questions = 0
        dialect = other
        interpreter = other.makeInterpreter()
        guard hasStarted else { return }
        // What was told at the start was nothing; now there is something to tell.
        let start = interpreter.start(name: name, data: data)
        if start.id != nil || start.model != nil { buffer.append(.restart(start)) }
    }
}

extension RawSpan {
    /// Whether this is JSON that breaks off: a frame that its body's end cut short, which nobody should take for whole.
    fileprivate var isCutJSON: Bool {
        let content = trimmed(0..<byteCount)
        guard !content.isEmpty else { return false }
        let first = byte(at: content.lowerBound)
        guard first == UInt8(ascii: "{") || first == UInt8(ascii: "["), !equals("[DONE]", content) else { return false }
        var scanner = JSONScanner(self)
        return scanner.nextValue(in: self) == nil
    }
}
