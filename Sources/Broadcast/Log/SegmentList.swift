import Dialects
import NIOCore

/// The events of a log in order, numbered from 1, trimmed from the front.
struct SegmentList {
    struct Segment: Sendable {
        /// The sequence number of the batch's first event in this log.
        let first: Int
        let batch: EventBatch

        /// One past the sequence number of the last event.
        var next: Int { first + batch.count }
    }

    private(set) var segments: CircularBuffer<Segment> = []
    private(set) var byteCount = 0
    /// The number that the next event gets.
    private(set) var next = 1

    /// The oldest number that is still there (``next`` where none is).
    var earliest: Int { segments.first?.first ?? next }

    /// The number of the last event that the `raw` view shows: a stream's own last frame, unless its end is our word.
    var lastInRaw: Int {
        if case .end(let end) = segments.last?.batch.content.events.last, end.state != .complete { return next - 1 }
        for segment in segments.reversed() {
            if let frame = segment.batch.content.frames.last { return segment.first + Int(frame.lastEvent) }
        }
        return 0
    }

    mutating func append(_ batch: EventBatch) {
        segments.append(Segment(first: next, batch: batch))
        byteCount += batch.byteCount
        next += batch.count
    }

    /// Drops whole segments from the front while more than so much is held. The newest always stays.
    mutating func trim(maximumEvents: Int, maximumBytes: Int) {
        while segments.count > 1, next - earliest > maximumEvents || byteCount > maximumBytes { dropFirst() }
    }

    mutating func dropFirst() {
        guard let first = segments.popFirst() else { return }
        byteCount -= first.batch.byteCount
    }

    /// The index of the segment that holds `sequence`; nil where it is trimmed or hasn't come.
    func index(of sequence: Int) -> CircularBuffer<Segment>.Index? {
        guard sequence >= earliest, sequence < next else { return nil }
        var low = 0
        var high = segments.count - 1
        while low < high {
            let middle = (low + high + 1) / 2
            if segments[offset: middle].first <= sequence { low = middle } else { high = middle - 1 }
        }
        return segments.index(segments.startIndex, offsetBy: low)
    }
}
