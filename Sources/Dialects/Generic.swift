extension Dialect {
    /// Any stream whose meaning isn't known: its frames are kept and counted, and it is complete where its body ends.
    public static let generic = Dialect(
        name: "generic",
        framing: .serverSentEvents,
        matches: { _ in true },
        makeInterpreter: { GenericInterpreter() }
    )
}

/// Says nothing of any frame, so that each becomes an `opaque` event.
struct GenericInterpreter: FrameInterpreter {
    var end: StreamEnd? { nil }
    var hasEnded: Bool { false }

    mutating func frame(name: RawSpan, data: RawSpan, into events: inout EventBuffer) {}

    mutating func unknownField(name: RawSpan, value: RawSpan, into events: inout EventBuffer) {}

    mutating func endOfBody(into events: inout EventBuffer) -> StreamEnd { StreamEnd(state: .complete) }
}
