import Dialects

/// What a decoder made of a body, and what holds for it whatever the body was.
struct Outcome {
    struct Frame: Equatable {
        var name: [UInt8]
        var data: [UInt8]
    }

    private(set) var events: [TokenEvent] = []
    private(set) var frames: [Frame] = []
    private(set) var end: StreamEnd
    private(set) var framing: Dialect.Framing
    private(set) var dialect: String

    /// - Parameter filler: bytes to put in wherever the decoder says that something may.
    init(of trial: Trial, in chunks: [[UInt8]], filler: [UInt8]? = nil) {
        var decoder = StreamDecoder(
            dialect: trial.dialect,
            isCertain: trial.isCertain,
            framing: trial.framing,
            limits: trial.limits
        )
        end = StreamEnd(state: .cancelled)
        framing = decoder.framing
        dialect = decoder.dialect.name
        var buffer = EventBuffer()
        for (position, chunk) in chunks.enumerated() {
            let hadEnded = decoder.hasEnded
            decoder.feed(chunk.span.bytes, into: &buffer)
            require(decoder.hasEnded == (decoder.end != nil), "the end is there, and isn't")
            require(!hadEnded || buffer.isEmpty, "events come after the end")
            if decoder.isAtFrameBoundary, decoder.hasStarted, !decoder.hasEnded, let filler {
                decoder.feed(filler.span.bytes, into: &buffer)
            }
            // Sealed now and then, as turns of an event loop do.
            if position % 3 == 0 || decoder.hasEnded { take(&buffer) }
        }
        let early = decoder.end
        end = decoder.finish(into: &buffer)
        require(early == nil || early == end, "the end has changed")
        take(&buffer)
        require(decoder.finish(into: &buffer) == end, "a second end")
        decoder.feed([0x0A, 0x0A].span.bytes, into: &buffer)
        require(buffer.isEmpty, "events come after the body's end")
        _ = decoder.isAtFrameBoundary
        framing = decoder.framing
        dialect = decoder.dialect.name
        require(decoder.hasStarted || frames.isEmpty, "frames without a start")
    }

    /// Takes over what a buffer has: frames that lie one behind the other, each with an event of its own.
    private mutating func take(_ buffer: inout EventBuffer) {
        var offset = 0
        var last = -1
        for frame in buffer.frames {
            require(Int(frame.offset) == offset, "a gap between frames")
            require(Int(frame.lastEvent) > last, "a frame without an event")
            offset += Int(frame.nameLength) + Int(frame.dataLength)
            last = Int(frame.lastEvent)
            frames.append(buffer.withFrame(frame) { Frame(name: Array($0), data: Array($1)) })
        }
        require(offset == buffer.bytes.count, "bytes that belong to no frame")
        require(last < buffer.events.count, "a frame's event isn't there")
        events += buffer.events
        buffer = EventBuffer()
    }

    /// What may stand between two frames without meaning anything.
    var filler: [UInt8]? {
        switch framing {
        case .serverSentEvents: Array(": ping\n".utf8)
        case .ndjson: Array("\n".utf8)
        case .jsonArray, .awsEventStream, .document: nil
        }
    }
}

extension [UInt8] {
    fileprivate init(_ bytes: RawSpan) {
        self = bytes.withUnsafeBytes { Array($0) }
    }
}
