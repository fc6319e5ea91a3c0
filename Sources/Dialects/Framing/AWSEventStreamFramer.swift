/// Cuts a body of binary messages (`application/vnd.amazon.eventstream`) into them, from chunks that may be cut anywhere.
struct AWSEventStreamFramer: Sendable {
    /// The longest message, in bytes.
    let limit: Int

    init(limit: Int) {
        self.limit = limit
    }

    var isAtBoundary: Bool { true }

    mutating func parse(_ bytes: RawSpan, from start: Int, into sink: inout FrameSink) throws(FramingError) {}

    /// Takes the end of the body; half a message is an error.
    mutating func finish() throws(FramingError) {}
}
