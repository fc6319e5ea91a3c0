/// Event-stream text appended to bytes (HTML Standard, 9.2.5: the event stream format).
///
/// Each field is written with a space after its colon, because some readers insist on it.
///
/// ```swift
/// var bytes: [UInt8] = []
/// bytes.appendEvent(name: "delta", id: "7", data: "first line\nsecond line")
/// // event: delta␊id: 7␊data: first line␊data: second line␊␊
/// ```
extension [UInt8] {
    /// Appends one event, complete with its blank line.
    ///
    /// - Parameters:
    ///   - name: the event's name; nil for the default. Line breaks in it are left out: they would end the field.
    ///   - id: the event's id; nil leaves the reader's last one as it is, empty resets it. Line breaks and NUL are left out.
    ///   - retry: how long a reader waits before it reconnects, in milliseconds.
    ///   - comment: written before the fields, a line of it each as a comment.
    ///   - data: cut into one field at every LF, CR and CRLF. Nil writes no data, and so dispatches nothing.
    public mutating func appendEvent(
        name: String? = nil,
        id: String? = nil,
        retry: Int? = nil,
        comment: String? = nil,
        data: String?
    ) {
        appendEventHead(name: name, id: id, retry: retry, comment: comment)
        if let data { appendEventLines("data: ", data.utf8.span.bytes) }
        append(.lineFeed)
    }

    /// Appends one event whose data are bytes of UTF-8 text, complete with its blank line.
    public mutating func appendEvent(
        name: String? = nil,
        id: String? = nil,
        retry: Int? = nil,
        comment: String? = nil,
        data: RawSpan
    ) {
        appendEventHead(name: name, id: id, retry: retry, comment: comment)
        appendEventLines("data: ", data)
        append(.lineFeed)
    }

    /// Appends a comment and no blank line, which some readers would take for an empty event.
    public mutating func appendEventStreamComment(_ text: String) {
        appendEventLines(": ", text.utf8.span.bytes)
    }

    private mutating func appendEventHead(name: String?, id: String?, retry: Int?, comment: String?) {
        if let comment { appendEventStreamComment(comment) }
        if let name { appendEventLine("event: ", name.utf8) }
        if let id { appendEventLine("id: ", id.utf8) }
        if let retry { appendEventLine("retry: ", String(Swift.max(0, retry)).utf8) }
    }

    /// Appends one line, without the characters that would end it or void it.
    private mutating func appendEventLine(_ field: StaticString, _ value: String.UTF8View) {
        append(contentsOf: UnsafeBufferPointer(start: field.utf8Start, count: field.utf8CodeUnitCount))
        for byte in value where byte != .lineFeed && byte != .carriageReturn && byte != 0 { append(byte) }
        append(.lineFeed)
    }

    /// Appends a line for each line of a text, which has at least one.
    private mutating func appendEventLines(_ field: StaticString, _ text: RawSpan) {
        var ends = LineEnds()
        var start = 0
        while true {
            let end = ends.next(in: text, from: start)
            append(contentsOf: UnsafeBufferPointer(start: field.utf8Start, count: field.utf8CodeUnitCount))
            append(text, start..<end)
            append(.lineFeed)
            guard end < text.byteCount else { return }
            start = end + 1
            if text.byte(at: end) == .carriageReturn, start < text.byteCount, text.byte(at: start) == .lineFeed {
                start += 1
            }
        }
    }
}
