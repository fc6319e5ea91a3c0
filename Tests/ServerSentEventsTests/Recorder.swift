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
        add("event", name)
        add("data", data)
        add("id", lastEventID)
    }

    mutating func comment(_ text: RawSpan) { add("comment", text) }

    mutating func retry(milliseconds: Int) { hasher.combine(milliseconds) }

    mutating func unknownField(name: RawSpan, value: RawSpan) {
        add("name", name)
        add("value", value)
    }

    private mutating func add(_ kind: String, _ bytes: RawSpan) {
        count += 1
        hasher.combine(kind)
        hasher.combine(bytes.byteCount)
        bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
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
