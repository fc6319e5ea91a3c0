/// What gives the frames of one stream their meaning. Bytes come in any shape: nothing here may trap on them.
///
/// A frame that isn't understood, or is malformed, yields no event; it stays in the log as `opaque`.
public protocol FrameInterpreter: Sendable {
    /// What the first frame says of the stream. Asked once, before ``frame(name:data:into:)`` gets the same frame.
    func start(name: RawSpan, data: RawSpan) -> StreamStart

    /// Takes one frame and appends what it says. An empty name is the default event name.
    mutating func frame(name: RawSpan, data: RawSpan, into events: inout EventBuffer)

    /// Takes a body that is one document: the answer to a request that didn't ask for a stream.
    mutating func document(_ data: RawSpan, into events: inout EventBuffer)

    /// Takes a line of an event stream whose field name the standard doesn't know (old llama.cpp: `error: {…}`).
    mutating func unknownField(name: RawSpan, value: RawSpan, into events: inout EventBuffer)

    /// What ended the stream by this dialect's rules: set with the terminal frame or an in-band error, nil until then.
    var end: StreamEnd? { get }

    /// Whether ``end`` is set; asked after every frame.
    var hasEnded: Bool { get }

    /// Takes the end of the body: appends what only now is sure, a reason to finish that every frame may revise.
    ///
    /// - Returns: how the stream ended: ``end``, or this dialect's judgement of an end without one.
    mutating func endOfBody(into events: inout EventBuffer) -> StreamEnd
}

extension FrameInterpreter {
    public func start(name: RawSpan, data: RawSpan) -> StreamStart { StreamStart() }

    public mutating func document(_ data: RawSpan, into events: inout EventBuffer) {
        frame(name: RawSpan(), data: data, into: &events)
    }

    public mutating func unknownField(name: RawSpan, value: RawSpan, into events: inout EventBuffer) {}

    public var hasEnded: Bool { end != nil }
}
