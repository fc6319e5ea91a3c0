/// Collects a body that is one document.
struct DocumentFramer: Sendable {
    /// The longest body, in bytes.
    let limit: Int
    private var body: [UInt8] = []
    private var firstLine = FirstLine.open(searched: 0)

    init(limit: Int) {
        self.limit = limit
    }

    /// Nothing can be put behind a half document, nor behind a whole one.
    var isAtBoundary: Bool { body.isEmpty }

    /// Takes the next bytes, as many as there is room for: what is lines after all may go on for ever.
    ///
    /// - Returns: the offset behind those that were taken.
    mutating func parse(_ bytes: RawSpan, from start: Int) throws(FramingError) -> Int {
        let end = start + min(bytes.byteCount - start, limit - body.count)
        guard end > start else { throw FramingError.documentTooLong(limit) }
        body.append(bytes, start..<end)
        return end
    }

    mutating func flush(into sink: inout FrameSink) {
        let whole = take()
        let data = whole.span.bytes
        if !data.isBlank { sink.document(data) }
    }

    /// Whether the body is lines of JSON after all: its first line is a whole text, and another one follows. A document
    /// has nothing behind its end.
    mutating func findLines() -> Bool {
        var line = firstLine
        let isFollowed = line.isFollowed(in: body.span.bytes)
        firstLine = line
        return isFollowed
    }

    /// Gives away what was collected.
    mutating func take() -> [UInt8] {
        var whole: [UInt8] = []
        swap(&whole, &body)
        return whole
    }
}

/// What is known of a body's first line. Each byte is looked at once, however the body arrives.
private enum FirstLine {
    /// It hasn't ended; so many bytes are known to hold no line end.
    case open(searched: Int)
    /// It is a whole JSON text, and nothing but white space follows up to here.
    case whole(end: Int)
    /// It is a piece of a text that goes on, or was found to be followed.
    case settled

    /// Whether the line is a whole JSON text, and something is behind it.
    mutating func isFollowed(in bytes: RawSpan) -> Bool {
        if case .open(let searched) = self {
            guard let end = bytes.firstOffset(of: UInt8(ascii: "\n"), from: searched) else {
                self = .open(searched: bytes.byteCount)
                return false
            }
            let line = bytes.extracting(0..<end)
            var scanner = JSONScanner(line)
            let isWhole = scanner.nextValue(in: line) != nil && scanner.isAtEnd(in: line)
            self = isWhole ? .whole(end: end + 1) : .settled
        }
        guard case .whole(let end) = self else { return false }
        let isFollowed = !bytes.trimmed(end..<bytes.byteCount).isEmpty
        self = isFollowed ? .settled : .whole(end: bytes.byteCount)
        return isFollowed
    }
}
