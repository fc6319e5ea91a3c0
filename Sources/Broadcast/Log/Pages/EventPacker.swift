import Dialects

/// Packs what came in a turn. It keeps the memory that it does it in, and is confined to one event loop.
final class EventPacker {
    /// Not checked for overlapping access at run time, as its only uses are in sight.
    @exclusivity(unchecked) private var writer = PackedWriter(capacity: 1024)

    /// What is kept from turn to turn, in bytes.
    private static let kept = 64 << 10

    init() {}

    deinit { writer.deallocate() }

    /// - Parameter milliseconds: when they came, since the stream was made.
    /// - Returns: the packed events, until the next call.
    func pack(
        _ buffer: borrowing EventBuffer,
        _ summary: StreamSummary?,
        milliseconds: Int
    ) -> UnsafeRawBufferPointer {
        if writer.capacity > Self.kept {
            writer.deallocate()
            writer = PackedWriter(capacity: 1024)
        }
        writer.clear()
        writer.append(milliseconds: milliseconds)
        Self.write(buffer, summary, to: &writer)
        return writer.written
    }

    private static func write(
        _ buffer: borrowing EventBuffer,
        _ summary: StreamSummary?,
        to writer: inout PackedWriter
    ) {
        let events = buffer.events.span
        var next = 0
        buffer.bytes.withUnsafeBytes { bytes in
            for frame in buffer.frames {
                // What belongs to no frame, and stands before one, is told with it.
                let end = min(max(Int(frame.lastEvent) + 1, next), events.count)
                writer.append(frame, of: bytes, eventCount: end - next)
                for index in next..<end { write(events, index, summary, to: &writer) }
                next = end
            }
        }
        writer.leaveFrame()
        for index in next..<events.count { write(events, index, summary, to: &writer) }
    }

    /// Nearly all are pieces of the answer, which are taken straight from where they lie.
    @inline(__always)
    private static func write(
        _ events: Span<TokenEvent>,
        _ index: Int,
        _ summary: StreamSummary?,
        to writer: inout PackedWriter
    ) {
        if case .delta(let delta) = events[index] {
            writer.append(delta)
        } else {
            writer.append(events[index], summary)
        }
    }
}
