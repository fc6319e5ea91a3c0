import ServerSentEvents

/// Where all framings put their frames: it has the dialect interpret them, and keeps the order of the log.
struct FrameSink: EventStreamHandler, Sendable {
    /// The caller's buffer while it feeds, an empty one else.
    var buffer = EventBuffer()
    private(set) var interpreter: any FrameInterpreter
    /// Whether `start` has been appended.
    private(set) var hasStarted = false
    /// Whether the stream's end has been seen. What comes after it is ignored.
    private(set) var hasEnded = false
    /// Whether the body is over, so that what comes now may be cut short.
    var isFlushing = false

    init(_ interpreter: any FrameInterpreter) {
        self.interpreter = interpreter
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
        interpreter.frame(name: name, data: data, into: &buffer)
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

    @inline(__always)
    private mutating func open(_ name: RawSpan, _ data: RawSpan) {
        buffer.openFrame(name: name, data: data)
        guard !hasStarted else { return }
        hasStarted = true
        buffer.append(.start(interpreter.start(name: name, data: data)))
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
