/// Parses an event stream as it arrives, in chunks that may be cut anywhere.
///
/// It follows the HTML Standard, section 9.2.6 (interpreting an event stream): lines end with LF, CR or CRLF, one byte
/// order mark may lead, a blank line dispatches, an event without `data` doesn't count. What lies wholly in a chunk is
/// handed over from there; only what a cut separates is copied.
///
/// ```swift
/// var parser = EventStreamParser()
/// var handler = Printer()
/// for chunk in chunks {
///     try parser.parse(chunk.span.bytes, into: &handler)
/// }
/// parser.finish()
/// ```
public struct EventStreamParser: Sendable {
    /// How much memory a stream may ask for.
    public struct Limits: Sendable, Hashable {
        /// The longest line, in bytes, its end not counted. Default 16 MiB: images come as one line of base64.
        public var line: Int
        /// The longest data of one event, in bytes. Default 16 MiB.
        public var data: Int

        public init(line: Int = 16 << 20, data: Int = 16 << 20) {
            self.line = line
            self.data = data
        }
    }

    public let limits: Limits

    /// The id that a reconnecting reader sends as `Last-Event-ID`: the last one that a blank line confirmed.
    public internal(set) var lastEventID: [UInt8] = []

    /// The head of a line whose end hasn't come yet.
    var line: [UInt8] = []
    /// How many bytes of a leading byte order mark have been swallowed; nil once the stream's start is past.
    var byteOrderMark: Int? = 0
    /// Whether a LF that comes next belongs to a CR that ended the last line.
    var skipsLineFeed = false

    // The event in the making.
    var name: [UInt8] = []
    var data: [UInt8] = []
    var hasData = false
    var newID: [UInt8]?
    var hasFields = false

    private var failure: EventStreamError?

    public init(limits: Limits = Limits()) {
        self.limits = limits
    }

    /// Whether everything so far makes whole events: no line is half received, and no event waits for its blank line.
    ///
    /// Only then may something be written between what has come and what comes next. A comment line or a CR that a LF
    /// may follow doesn't matter; any field does, even one that the standard ignores.
    public var isAtBoundary: Bool {
        line.isEmpty && !hasFields && (byteOrderMark ?? 0) == 0 && failure == nil
    }

    /// Takes the next bytes of the stream.
    ///
    /// - Parameters:
    ///   - bytes: a chunk of any size, cut anywhere. It is not kept.
    ///   - handler: takes what the chunk completes, before this returns.
    /// - Throws: ``EventStreamError`` where a limit is exceeded, then and at every later call. What was complete before
    ///   has been handed over.
    public mutating func parse<Handler: EventStreamHandler>(
        _ bytes: RawSpan,
        into handler: inout Handler
    ) throws(EventStreamError) {
        if let failure { throw failure }
        do throws(EventStreamError) {
            try parseLines(bytes, into: &handler)
        } catch {
            drop()
            failure = error
            throw error
        }
    }

    /// Ends the stream as the standard has it: an event without its blank line is dropped.
    ///
    /// The parser is then ready for the next connection's body; ``lastEventID`` stays.
    public mutating func finish() {
        drop()
        failure = nil
        byteOrderMark = 0
    }

    /// Ends the stream and hands over the event in the making, an unterminated last line included.
    ///
    /// Some providers end their body without the last blank line; whether such an event counts is for the reader to say.
    /// - Throws: ``EventStreamError`` where the last line exceeds a limit.
    public mutating func finish<Handler: EventStreamHandler>(
        flushingInto handler: inout Handler
    ) throws(EventStreamError) {
        if let failure { throw failure }
        defer { finish() }
        restoreByteOrderMark()
        if !line.isEmpty { try takeKeptLine(into: &handler) }
        var none: Range<Int>?
        dispatch(RawSpan(), &none, into: &handler)
    }

    private mutating func parseLines<Handler: EventStreamHandler>(
        _ bytes: RawSpan,
        into handler: inout Handler
    ) throws(EventStreamError) {
        var index = byteOrderMark == nil ? 0 : skipByteOrderMark(bytes)
        var ends = LineEnds()
        // The common event has one data line, which then stays where it is: in the chunk.
        var dataInChunk: Range<Int>?
        while index < bytes.byteCount {
            if skipsLineFeed {
                skipsLineFeed = false
                if bytes.byte(at: index) == .lineFeed {
                    index += 1
                    continue
                }
            }
            let end = ends.next(in: bytes, from: index)
            guard line.count + (end - index) <= limits.line else {
                throw EventStreamError(code: .lineTooLong, limit: limits.line)
            }
            guard end < bytes.byteCount else {
                line.append(bytes, index..<end)
                break
            }
            if !line.isEmpty {
                line.append(bytes, index..<end)
                try takeKeptLine(into: &handler)
            } else if index == end {
                dispatch(bytes, &dataInChunk, into: &handler)
            } else if !hasData, let value = dataValue(bytes, index..<end), value.count <= limits.data {
                dataInChunk = value
                hasData = true
                hasFields = true
            } else {
                if bytes.byte(at: index) == UInt8(ascii: "d") { try keepData(bytes, &dataInChunk) }
                try take(bytes, index..<end, into: &handler)
            }
            index = end + 1
            skipsLineFeed = bytes.byte(at: end) == .carriageReturn
        }
        try keepData(bytes, &dataInChunk)
    }
}
