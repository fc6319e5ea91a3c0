import Dialects
import NIOCore

/// The events of a log in order, numbered from 1, trimmed from the front.
///
/// Batches that lie one behind the other in a page, and follow each other here, make one segment: what a stream says in a
/// thousand turns has few.
struct SegmentList {
    /// How large a segment may get by further batches. What is trimmed is trimmed by segments, so it must be small beside
    /// what is kept.
    struct Merging {
        var events: Int
        var bytes: Int
        /// In ticks of ``SegmentTime``, as channels let go of what is too old; nil where nothing gets too old.
        var ticks: Int?

        static let none = Merging(events: 0, bytes: 0)
    }

    private let merging: Merging
    private var rows = SegmentTable()
    /// The bytes of all segments that there ever were.
    private var total = 0
    /// The number that the next event gets.
    private(set) var next = 1
    private var last = Last()

    /// The last segment, as long as it isn't dropped.
    private struct Last {
        var page: ObjectIdentifier?
        var first = 1
        var offset = 0
        var began = SegmentTime(.uptimeNanoseconds(0))
        /// The newest batch, which readers that are up to date want: its number, its place in the page, its end there.
        var batch = (first: 1, start: 0, end: 0)
    }

    init(merging: Merging = .none) { self.merging = merging }

    /// The oldest number that is still there (``next`` where none is).
    var earliest: Int { isEmpty ? next : rows.front.first }

    /// About what the segments take in memory.
    var byteCount: Int { isEmpty ? 0 : total - rows.front.offset }

    /// What the list takes beside the events.
    var storage: Int { rows.storage }

    var count: Int { rows.count }
    var isEmpty: Bool { rows.isEmpty }

    /// The segments in order, from the oldest that is still there.
    subscript(index: Int) -> Segment {
        let row = rows[index]
        let next = index + 1 < rows.count ? rows[index + 1].first : self.next
        let content: Segment.Content =
            switch row.content {
            case .page(let page): .events(EventRun(page: page, start: Int(row.start), count: next - row.first))
            case .published(let publication): .published(publication)
            case nil: preconditionFailure("a dropped segment was asked for")
            }
        return Segment(first: row.first, content: content)
    }

    /// The number of the last event that the `raw` view shows: a stream's own last frame, unless its end is our word.
    var lastInRaw: Int {
        for index in (0..<count).reversed() {
            guard let run = self[index].run else { continue }
            var last: Int?
            var cursor = run.cursor()
            for number in 0..<run.count {
                if let end = cursor.skip(), end.state != .complete { return rows[index].first + number }
                if cursor.leftInFrame == 0 { last = rows[index].first + number }
            }
            if let last { return last }
        }
        return 0
    }

    // MARK: Changing

    mutating func append(_ arrival: Arrival, at time: NIODeadline) {
        guard arrival.count > 0 else { return }
        let time = SegmentTime(time)
        switch arrival {
        case .batch(let batch):
            let run = batch.run
            if merges(batch, at: time) {
                rows.touchLast(time)
            } else {
                add(.page(run.page), start: run.start, at: time)
                last.page = ObjectIdentifier(run.page)
            }
            last.batch = (next, run.start, run.start + batch.byteCount)
        case .published(let publication):
            add(.published(publication), start: 0, at: time)
            last.page = nil
        }
        total += arrival.byteCount
        next += arrival.count
    }

    private mutating func add(_ content: SegmentTable.Row.Content, start: Int, at time: SegmentTime) {
        rows.append(
            SegmentTable.Row(
                first: next,
                content: content,
                offset: total,
                start: UInt32(truncatingIfNeeded: start),
                time: time
            )
        )
        last.first = next
        last.offset = total
        last.began = time
        total += MemoryLayout<SegmentTable.Row>.stride
    }

    /// Whether a batch continues the last segment.
    private func merges(_ batch: EventBatch, at time: SegmentTime) -> Bool {
        guard !rows.isEmpty, last.page == ObjectIdentifier(batch.run.page), last.batch.end == batch.run.start,
            next - last.first + batch.count <= merging.events,
            total - last.offset + batch.byteCount <= merging.bytes
        else { return false }
        return merging.ticks.map { time.ticks(since: last.began) <= $0 } ?? true
    }

    /// Drops whole segments from the front while more than so much is held. The newest always stays.
    ///
    /// - Parameter willDrop: called with each before it is dropped.
    mutating func trim(maximumEvents: Int, maximumBytes: Int, willDrop: ((Segment) -> Void)? = nil) {
        while exceeds(events: maximumEvents, bytes: maximumBytes) { dropFirst(willDrop) }
    }

    /// Whether there is something to trim.
    func exceeds(events: Int, bytes: Int) -> Bool {
        guard count > 1 else { return false }
        let (first, offset) = rows.front
        return next - first > events || total - offset > bytes
    }

    /// Drops what was appended before `deadline`.
    mutating func expire(before deadline: NIODeadline, willDrop: ((Segment) -> Void)? = nil) {
        let deadline = SegmentTime(deadline)
        while !isEmpty, rows[0].time < deadline { dropFirst(willDrop) }
    }

    mutating func dropFirst(_ willDrop: ((Segment) -> Void)? = nil) {
        guard !isEmpty else { return }
        willDrop?(self[0])
        rows.removeFirst()
    }

    // MARK: Finding

    /// About how many bytes the events from `sequence` on take.
    func byteCount(from sequence: Int) -> Int {
        index(of: sequence).map { total - rows[$0].offset } ?? 0
    }

    /// The index of the segment that holds `sequence`; nil where it is trimmed or hasn't come.
    func index(of sequence: Int) -> Int? {
        guard sequence >= earliest, sequence < next else { return nil }
        // Most often the newest is asked for.
        if last.first <= sequence { return rows.count - 1 }
        var low = 0
        var high = rows.count - 2
        while low < high {
            let middle = (low + high + 1) / 2
            if rows[middle].first <= sequence { low = middle } else { high = middle - 1 }
        }
        return low
    }

    /// Reads a segment's events from `sequence` on, which is in it.
    func cursor(in run: EventRun, of segment: Segment, from sequence: Int) -> EventCursor {
        if segment.next == next, sequence >= last.batch.first {
            var cursor = EventCursor(run.page, at: last.batch.start)
            for _ in last.batch.first..<sequence { cursor.skip() }
            return cursor
        }
        return run.cursor(skipping: sequence - segment.first)
    }
}
