/// Cuts a body of binary messages (`application/vnd.amazon.eventstream`) into them, from chunks that may be cut anywhere.
///
/// A message that lies whole in a chunk is read where it lies; one that doesn't is put together, each byte copied once.
/// Its length is believed only once the prelude's checksum is right, and its content once the message's is.
struct AWSEventStreamFramer: Sendable {
    /// The longest message, in bytes.
    let limit: Int
    /// The head of a message whose end hasn't come yet.
    private var head: [UInt8] = []
    /// Where that message's parts lie, once its prelude is whole.
    private var layout: AWSEventStreamLayout?

    /// Memory asked for on the word of a prelude alone, in bytes; more comes as the message does.
    private static var firstCapacity: Int { 64 << 10 }

    init(limit: Int) {
        self.limit = limit
    }

    var isAtBoundary: Bool { head.isEmpty }

    mutating func parse(_ bytes: RawSpan, from start: Int, into sink: inout FrameSink) throws(FramingError) {
        var index = start
        while index < bytes.byteCount {
            if head.isEmpty, let end = try takeWhole(bytes, at: index, into: &sink) {
                index = end
                continue
            }
            let wanted = (layout?.length ?? AWSEventStreamLayout.preludeLength) - head.count
            let end = index + min(wanted, bytes.byteCount - index)
            head.append(bytes, index..<end)
            index = end
            try takeHead(into: &sink)
        }
    }

    /// Takes the end of the body; half a message is an error.
    mutating func finish() throws(FramingError) {
        guard head.isEmpty else { throw FramingError.cutMessage(head.count) }
    }

    /// Takes a message that lies whole in the chunk.
    ///
    /// - Returns: where it ends, or nil where it doesn't.
    private func takeWhole(
        _ bytes: RawSpan,
        at index: Int,
        into sink: inout FrameSink
    ) throws(FramingError) -> Int? {
        guard bytes.byteCount - index >= AWSEventStreamLayout.preludeLength else { return nil }
        let layout = try AWSEventStreamLayout(bytes, at: index, limit: limit)
        guard bytes.byteCount - index >= layout.length else { return nil }
        try take(bytes.extracting(index..<index + layout.length), layout, into: &sink)
        return index + layout.length
    }

    /// Takes what has been put together, as far as it is whole.
    private mutating func takeHead(into sink: inout FrameSink) throws(FramingError) {
        if layout == nil, head.count == AWSEventStreamLayout.preludeLength {
            let layout = try AWSEventStreamLayout(head.span.bytes, at: 0, limit: limit)
            head.reserveCapacity(min(layout.length, Self.firstCapacity))
            self.layout = layout
        }
        guard let layout, head.count == layout.length else { return }
        try take(head.span.bytes, layout, into: &sink)
        head.removeAll(keepingCapacity: head.capacity <= Self.firstCapacity)
        self.layout = nil
    }

    private func take(
        _ message: RawSpan,
        _ layout: AWSEventStreamLayout,
        into sink: inout FrameSink
    ) throws(FramingError) {
        try layout.check(message)
        let headers = try AWSEventStreamHeaders(message, layout)
        if headers.isError {
            let data = headers.error(in: message)
            sink.frame(name: "error".utf8.span.bytes, data: data.span.bytes)
        } else {
            sink.frame(name: message.extracting(headers.name), data: message.extracting(layout.payload))
        }
    }
}

/// What the headers say of a message: those that begin with a colon are the protocol's own.
private struct AWSEventStreamHeaders {
    /// Where the name of the event, or of the exception, lies; empty where there is none.
    private(set) var name = 0..<0
    /// Whether this is an error that the service's interface doesn't define; its payload is empty, the headers tell all.
    private(set) var isError = false
    private var isException = false
    private var code = 0..<0
    private var reason = 0..<0

    init(_ message: RawSpan, _ layout: AWSEventStreamLayout) throws(FramingError) {
        var event = 0..<0
        var exception = 0..<0
        var reader = AWSEventStreamHeaderReader(layout.headers)
        while let header = try reader.next(in: message) {
            guard header.kind == .string else { continue }
            if message.equals(":event-type", header.name) {
                event = header.value
            } else if message.equals(":exception-type", header.name) {
                exception = header.value
            } else if message.equals(":message-type", header.name) {
                isException = message.equals("exception", header.value)
                isError = message.equals("error", header.value)
            } else if message.equals(":error-code", header.name) {
                code = header.value
            } else if message.equals(":error-message", header.name) {
                reason = header.value
            }
        }
        name = isException ? exception : event
    }

    /// The error as JSON, so that it reads like any other.
    func error(in message: RawSpan) -> [UInt8] {
        var json: [UInt8] = []
        json.append(verbatim: #"{"code":"#)
        json.appendJSON(string: message.text(code))
        json.append(verbatim: #","message":"#)
        json.appendJSON(string: message.text(reason))
        json.append(verbatim: "}")
        return json
    }
}
