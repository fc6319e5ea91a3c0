import Dialects
import NIOCore

/// Turns events of a log into the bytes of one format: the same for every reader of that format.
struct EventRenderer: Sendable {
    /// What one rendering gave.
    struct Piece {
        /// The bytes with their transport framing; empty where the view shows nothing of these events.
        var bytes: ByteBuffer
        /// The sequence number behind the last event rendered.
        var next: Int
        /// How many events the view shows.
        var count: Int
    }

    let format: ViewFormat

    /// Renders from `from` on, whole events, until about `limit` bytes or the log's end.
    ///
    /// - Parameters:
    ///   - channel: its name, where the log is a channel's.
    ///   - merges: whether adjacent deltas of one part make one event.
    func render(
        _ list: SegmentList,
        from: Int,
        atMost limit: Int,
        epoch: StreamID,
        channel: String? = nil,
        merges: Bool = false
    ) -> Piece {
        var output = EventOutput(transport: format.transport, epoch: epoch, channel: channel)
        var next = from
        guard var index = list.index(of: from) else { return Piece(bytes: ByteBuffer(), next: list.next, count: 0) }
        if merges, format.view.merges {
            var merger = DeltaMerger(view: format.view)
            next = merger.render(list, from: from, atMost: limit, into: &output)
            return Piece(bytes: output.framed(), next: next, count: output.count)
        }
        let writer = writer(of: epoch, channel)
        while index < list.count, output.size < limit {
            let segment = list[index]
            switch segment.content {
            case .events(let run):
                let cursor = list.cursor(in: run, of: segment, from: next)
                let context = EventContext(info: run.page.info)
                next = render(cursor, of: context, next..<segment.next, atMost: limit, writer, into: &output)
            case .published(let publication):
                show(publication, sequence: segment.first, writer, into: &output)
                next = segment.next
            }
            if next == segment.next { index += 1 }
        }
        return Piece(bytes: output.framed(), next: next, count: output.count)
    }

    /// What writes a log's CloudEvents; nil in other views.
    func writer(of epoch: StreamID, _ channel: String?) -> CloudEventWriter? {
        guard format.view == .cloudevents else { return nil }
        return CloudEventWriter(base: format.base, epoch: epoch, channel: channel)
    }

    private func show(
        _ publication: Publication,
        sequence: Int,
        _ writer: CloudEventWriter?,
        into output: inout EventOutput
    ) {
        if format.view == .delta { output.published(publication.event, sequence: sequence) }
        writer?.show(publication, sequence: sequence, into: &output)
    }

    /// A sign of life between events.
    var heartbeat: ByteBuffer? {
        switch format.transport {
        case .chunkedEventStream: ByteBuffer(string: "7\r\n: ping\n\r\n")
        // No blank line: some SDKs take it for an empty event.
        case .plainEventStream: ByteBuffer(string: ": ping\n")
        // The connection pings by itself, and looks for the answer.
        case .webSocket: nil
        case .json: nil
        }
    }

    /// Renders events of those numbers; returns where it stopped.
    private func render(
        _ events: consuming EventCursor,
        of stream: EventContext,
        _ numbers: Range<Int>,
        atMost limit: Int,
        _ writer: CloudEventWriter?,
        into output: inout EventOutput
    ) -> Int {
        if format.view == .raw { return renderRaw(events, of: stream, numbers, atMost: limit, into: &output) }
        var cursor = events
        var context = stream
        var next = numbers.lowerBound
        while next < numbers.upperBound, output.size < limit {
            let event = cursor.next()
            if case .end = event { context.summary = cursor.summary() }
            switch format.view {
            case .delta: DeltaView.render(event, of: context, sequence: next, into: &output)
            case .text: TextView.render(event, of: context, sequence: next, into: &output)
            case .openai:
                let includesUsage = format.includesUsage
                ChatView.render(event, of: context, sequence: next, includesUsage: includesUsage, into: &output)
            case .cloudevents: writer?.show(event, of: context, sequence: next, at: cursor.milliseconds, into: &output)
            case .raw: break
            }
            next += 1
        }
        return next
    }

    private func renderRaw(
        _ events: consuming EventCursor,
        of stream: EventContext,
        _ numbers: Range<Int>,
        atMost limit: Int,
        into output: inout EventOutput
    ) -> Int {
        var cursor = events
        var next = numbers.lowerBound
        while next < numbers.upperBound, output.size < limit {
            let end = cursor.skip()
            if cursor.leftInFrame == 0 {
                cursor.withFrame { name, data in
                    output.frame(name: name, data: data, sequence: next, stream: stream.info.id)
                }
            }
            // A stream that ended well says so in its own frames; one that didn't gets our word for it.
            if let end, end.state != .complete {
                let context = EventContext(info: stream.info, summary: cursor.summary())
                DeltaView.render(.end(end), of: context, sequence: next, into: &output)
            }
            next += 1
        }
        return next
    }
}
