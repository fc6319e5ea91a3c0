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
    func render(_ list: SegmentList, from: Int, atMost limit: Int, epoch: StreamID) -> Piece {
        var output = EventOutput(transport: format.transport, epoch: epoch)
        var next = from
        guard var index = list.index(of: from) else { return Piece(bytes: ByteBuffer(), next: list.next, count: 0) }
        while index != list.segments.endIndex, output.size < limit {
            let segment = list.segments[index]
            next = render(segment, from: next, atMost: limit, into: &output)
            if next == segment.next { index = list.segments.index(after: index) }
        }
        return Piece(bytes: output.framed(), next: next, count: output.count)
    }

    /// The first bytes of a subscription: when to come back, where it stands, and whether something is missing.
    func renderWelcome(epoch: StreamID, before cursor: Int, reset reason: String?) -> ByteBuffer {
        var output = EventOutput(transport: format.transport, epoch: epoch)
        // Readers of these views may be simple: they get the upstream's shape and nothing else.
        guard format.view.interleaves else { return ByteBuffer() }
        output.prime(sequence: cursor - 1)
        if let reason {
            output.event("reset", sequence: cursor - 1, stream: nil) { bytes in
                bytes.append(verbatim: "{\"reason\":")
                bytes.appendJSON(string: reason)
                bytes.append(verbatim: "}")
            }
        }
        return output.framed()
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

    /// Renders one segment; returns where it stopped.
    private func render(
        _ segment: SegmentList.Segment,
        from: Int,
        atMost limit: Int,
        into output: inout EventOutput
    ) -> Int {
        if format.view == .raw { return renderRaw(segment, from: from, atMost: limit, into: &output) }
        let batch = segment.batch
        var next = from
        while next < segment.next, output.size < limit {
            let event = batch.content.events[next - segment.first]
            switch format.view {
            case .delta: DeltaView.render(event, of: batch, sequence: next, into: &output)
            case .text: TextView.render(event, of: batch, sequence: next, into: &output)
            case .openai:
                let includesUsage = format.includesUsage
                ChatView.render(event, of: batch, sequence: next, includesUsage: includesUsage, into: &output)
            case .raw: break
            }
            next += 1
        }
        return next
    }

    private func renderRaw(
        _ segment: SegmentList.Segment,
        from: Int,
        atMost limit: Int,
        into output: inout EventOutput
    ) -> Int {
        let content = segment.batch.content
        for frame in content.frames where segment.first + Int(frame.lastEvent) >= from {
            let sequence = segment.first + Int(frame.lastEvent)
            if output.size >= limit { return max(from, sequence) }
            content.withFrame(frame) { name, data in
                output.frame(name: name, data: data, sequence: sequence, stream: segment.batch.info.id)
            }
        }
        // A stream that ended well says so in its own frames; one that didn't gets our word for it.
        if case .end(let end) = content.events.last, end.state != .complete {
            DeltaView.render(.end(end), of: segment.batch, sequence: segment.next - 1, into: &output)
        }
        return segment.next
    }
}
