public import Dialects
public import Tapes

/// A tape's answer as its dialect reads it: token events with the times and the chunks that they came with, what they
/// add up to, and how the stream ended.
///
/// It reads as a live stream is read: the framing by content type and first byte, the end by the dialect's rules, the
/// status and how the connection ended.
public struct DecodedTape: Sendable {
    /// An event, and what it came with.
    public struct Event: Sendable {
        /// Microseconds since the request went out.
        public var offset: Int64
        /// The chunk that completed it, counted from 1; nil for what the end of the body brought.
        public var chunk: Int?
        public var event: TokenEvent
    }

    public private(set) var dialect: Dialect
    public private(set) var events: [Event] = []
    public private(set) var fold = MessageFold()
    /// How many frames of each name there were; the empty name is that of frames without one.
    public private(set) var frameNames: [String: Int] = [:]
    /// How the body was cut into frames; nil where it couldn't be read.
    public private(set) var framing: Dialect.Framing?
    /// Nil for a tape without an end whose dialect hasn't seen one either.
    public private(set) var end: StreamEnd?
    /// What the stream's end came with, where the dialect saw it before the body ended.
    private var endPlace: (offset: Int64, chunk: Int)?

    /// - Parameters:
    ///   - tape: what is to be read.
    ///   - dialect: how; the one of its end line, or of its path, unless told otherwise.
    public init(_ tape: Tape, dialect: Dialect? = nil) {
        self.dialect = dialect ?? tape.dialect
        finish(tape, read(tape))
    }

    /// Reads the body; returns how the stream ended as far as its bytes tell.
    private mutating func read(_ tape: Tape) -> StreamEnd? {
        guard let response = tape.response else { return nil }
        // A compressed body isn't read while it streams either; its stream has no events but its end.
        guard response.isDecodable else { return StreamEnd(state: .complete) }
        let isStream = tape.request.asksForStream && response.status < 400
        let announced = response.contentType.flatMap { Dialect.Framing(contentType: $0) }
        var decoder = StreamDecoder(
            dialect: self.dialect,
            framing: announced ?? (isStream ? self.dialect.framing : .document)
        )
        var chunk = 0
        for entry in tape.entries {
            guard case .chunk(let bytes) = entry.content else { continue }
            chunk += 1
            var buffer = EventBuffer()
            decoder.feed(bytes.span.bytes, into: &buffer)
            take(buffer, entry.offset, chunk)
            if decoder.hasEnded, endPlace == nil { endPlace = (entry.offset, chunk) }
        }
        framing = decoder.framing
        self.dialect = decoder.dialect
        // Cut off: only what the dialect has seen is an end.
        guard tape.end?.reason == .eof else { return decoder.hasEnded ? decoder.end : nil }
        var buffer = EventBuffer()
        let end = decoder.finish(into: &buffer)
        take(buffer, tape.end?.offset ?? 0, nil)
        return end
    }

    private mutating func take(_ buffer: EventBuffer, _ offset: Int64, _ chunk: Int?) {
        for event in buffer.events {
            events.append(Event(offset: offset, chunk: chunk, event: event))
            fold.add(event)
        }
        for frame in buffer.frames {
            let name = buffer.withFrame(frame) { name, _ in
                name.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
            }
            frameNames[name, default: 0] += 1
        }
    }

    /// Appends the end, as a live stream's log has it.
    private mutating func finish(_ tape: Tape, _ seen: StreamEnd?) {
        var judged = seen
        if let end = tape.end, end.reason != .eof, seen?.state != .complete {
            let state: StreamEnd.State = end.reason == .cancelled ? .cancelled : .error
            judged = StreamEnd(
                state: state,
                terminal: seen?.terminal,
                error: seen?.error ?? StreamError(message: "the recording ended with \(end.reason)")
            )
        }
        if let status = tape.response?.status, status >= 400, judged != nil {
            judged?.state = .error
            if judged?.error == nil {
                judged?.error = StreamError(message: "the upstream answered with status \(status)")
            }
            judged?.error?.status = status
        }
        end = judged
        guard let judged else { return }
        let offset = endPlace?.offset ?? tape.duration ?? 0
        events.append(Event(offset: offset, chunk: endPlace?.chunk, event: .end(judged)))
        fold.add(.end(judged))
    }
}

extension DecodedTape {
    /// When the first token came; nil where none did.
    public var firstToken: Int64? {
        events.first { if case .delta = $0.event { true } else { false } }?.offset
    }

    /// The model that answered, as the stream said.
    public var model: String? { fold.start?.model }
}

extension Tape.Response {
    /// The value of the last header of a name, which is given in lower case.
    func header(_ name: String) -> String? {
        headers.last { field in
            field.name.utf8.elementsEqual(name.utf8) { ($0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0) == $1 }
        }?.value
    }

    var contentType: String? { header("content-type") }

    /// Whether the body is stored as it is meant, not compressed.
    var isDecodable: Bool { header("content-encoding").map { $0.lowercased() == "identity" } ?? true }
}

extension Tape {
    /// When it was over, as far as it tells.
    var duration: Int64? { end?.offset ?? entries.last?.offset ?? response?.offset }
}
