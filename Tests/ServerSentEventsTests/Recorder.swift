import ServerSentEvents

/// Keeps all that a parser hands over.
struct Recorder: EventStreamHandler, Equatable {
    struct Event: Equatable {
        var name = ""
        var data: String
        var id = ""
    }

    var events: [Event] = []
    var comments: [String] = []
    var retries: [Int] = []
    var unknown: [String] = []

    mutating func event(name: RawSpan, data: RawSpan, lastEventID: RawSpan) {
        events.append(Event(name: text(name), data: text(data), id: text(lastEventID)))
    }

    mutating func comment(_ text: RawSpan) { comments.append(self.text(text)) }

    mutating func retry(milliseconds: Int) { retries.append(milliseconds) }

    mutating func unknownField(name: RawSpan, value: RawSpan) {
        unknown.append("\(text(name))=\(text(value))")
    }

    private func text(_ bytes: RawSpan) -> String {
        bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    }
}

/// Keeps a digest of all that a parser hands over: enough to compare two ways of feeding it, thousands of times.
struct Digest: EventStreamHandler, Equatable {
    private var hasher = Hasher()
    private var count = 0

    mutating func event(name: RawSpan, data: RawSpan, lastEventID: RawSpan) {
        add(1, name)
        add(2, data)
        add(3, lastEventID)
    }

    mutating func comment(_ text: RawSpan) { add(4, text) }

    mutating func retry(milliseconds: Int) { hasher.combine(milliseconds) }

    mutating func unknownField(name: RawSpan, value: RawSpan) {
        add(5, name)
        add(6, value)
    }

    private mutating func add(_ kind: Int, _ bytes: RawSpan) {
        count += 1
        hasher.combine(bytes.byteCount << 3 | kind)
        guard bytes.byteCount > 0 else { return }
        // Of the few giants among the values the ends will do.
        bytes.extracting(first: 1024).withUnsafeBytes { hasher.combine(bytes: $0) }
        if bytes.byteCount > 1024 { bytes.extracting(last: 1024).withUnsafeBytes { hasher.combine(bytes: $0) } }
    }

    static func == (one: Digest, other: Digest) -> Bool {
        one.count == other.count && one.hasher.finalize() == other.hasher.finalize()
    }
}

extension Recorder {
    /// What a parser makes of chunks, and the parser as it then is.
    static func parse(
        _ chunks: [[UInt8]],
        limits: EventStreamParser.Limits = .init()
    ) throws(EventStreamError) -> (Recorder, EventStreamParser) {
        var parser = EventStreamParser(limits: limits)
        var recorder = Recorder()
        for chunk in chunks { try parser.parse(chunk.span.bytes, into: &recorder) }
        return (recorder, parser)
    }

    static func parse(_ text: String) throws(EventStreamError) -> Recorder {
        try parse([Array(text.utf8)]).0
    }
}

extension [UInt8] {
    /// Cut in two, at a byte.
    func cut(at index: Int) -> [[UInt8]] { [Array(self[..<index]), Array(self[index...])] }

    /// Cut everywhere.
    var singleBytes: [[UInt8]] { map { [$0] } }
}
