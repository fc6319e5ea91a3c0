import Dialects
import NIOCore

/// The events of a log in order, numbered from 1, trimmed from the front.
struct SegmentList {
    /// What a segment holds.
    enum Content: Sendable {
        /// Events of one stream.
        case batch(EventBatch)
        case published(Publication)

        var count: Int {
            switch self {
            case .batch(let batch): batch.count
            case .published: 1
            }
        }

        var byteCount: Int {
            switch self {
            case .batch(let batch): batch.byteCount
            case .published(let publication): publication.byteCount
            }
        }
    }

    struct Segment: Sendable {
        /// The sequence number of its first event in this log.
        let first: Int
        let content: Content
        /// When it was appended.
        let time: NIODeadline
        /// The bytes of all segments before it, since the log began.
        let offset: Int

        /// One past the sequence number of the last event.
        var next: Int { first + content.count }

        /// The stream's events; nil where it holds a published one.
        var batch: EventBatch? {
            if case .batch(let batch) = content { batch } else { nil }
        }
    }

    private(set) var segments: CircularBuffer<Segment> = []
    /// The bytes of all segments that there ever were.
    private var total = 0
    /// The number that the next event gets.
    private(set) var next = 1

    /// The oldest number that is still there (``next`` where none is).
    var earliest: Int { segments.first?.first ?? next }

    /// About what the segments take in memory.
    var byteCount: Int { segments.first.map { total - $0.offset } ?? 0 }

    /// The number of the last event that the `raw` view shows: a stream's own last frame, unless its end is our word.
    var lastInRaw: Int {
        if case .end(let end) = segments.last?.batch?.content.events.last, end.state != .complete { return next - 1 }
        for segment in segments.reversed() {
            if let frame = segment.batch?.content.frames.last { return segment.first + Int(frame.lastEvent) }
        }
        return 0
    }

    mutating func append(_ batch: EventBatch, at time: NIODeadline = .now()) {
        append(.batch(batch), at: time)
    }

    mutating func append(_ content: Content, at time: NIODeadline) {
        segments.append(Segment(first: next, content: content, time: time, offset: total))
        total += content.byteCount
        next += content.count
    }

    /// Drops whole segments from the front while more than so much is held. The newest always stays.
    ///
    /// - Parameter willDrop: called with each before it is dropped.
    mutating func trim(maximumEvents: Int, maximumBytes: Int, willDrop: ((Segment) -> Void)? = nil) {
        while segments.count > 1, next - earliest > maximumEvents || byteCount > maximumBytes { dropFirst(willDrop) }
    }

    /// Drops what was appended before `deadline`.
    mutating func expire(before deadline: NIODeadline, willDrop: ((Segment) -> Void)? = nil) {
        while let first = segments.first, first.time < deadline { dropFirst(willDrop) }
    }

    mutating func dropFirst(_ willDrop: ((Segment) -> Void)? = nil) {
        if let willDrop, let first = segments.first { willDrop(first) }
        _ = segments.popFirst()
    }

    /// About how many bytes the events from `sequence` on take.
    func byteCount(from sequence: Int) -> Int {
        index(of: sequence).map { total - segments[$0].offset } ?? 0
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
