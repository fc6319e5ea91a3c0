/// Cuts a JSON array into its elements as they arrive, from chunks that may be cut anywhere.
struct JSONArrayFramer: Sendable {
    /// The longest element, in bytes.
    let limit: Int

    init(limit: Int) {
        self.limit = limit
    }

    /// Whether an element of ours may follow.
    var isAtBoundary: Bool { true }

    mutating func parse(_ bytes: RawSpan, from start: Int, into sink: inout FrameSink) throws(FramingError) {}

    mutating func finish(into sink: inout FrameSink) throws(FramingError) {}
}
