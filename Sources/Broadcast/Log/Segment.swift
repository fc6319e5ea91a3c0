import NIOCore

/// Events of a log that were kept together, with their numbers in it.
struct Segment: Sendable {
    enum Content: Sendable {
        /// Events of one stream.
        case events(EventRun)
        case published(Publication)
    }

    /// The sequence number of its first event in this log.
    let first: Int
    let content: Content

    /// One past the sequence number of the last event.
    var next: Int {
        switch content {
        case .events(let run): first + run.count
        case .published: first + 1
        }
    }

    /// The stream's events; nil where it holds a published one.
    var run: EventRun? {
        if case .events(let run) = content { run } else { nil }
    }
}

/// What a log takes next.
enum Arrival: Sendable {
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

/// A moment as a segment keeps it: in eighths of a second, about, since the machine was started.
struct SegmentTime: Sendable, Comparable {
    private let ticks: UInt32

    init(_ time: NIODeadline) { ticks = UInt32(truncatingIfNeeded: time.uptimeNanoseconds >> 27) }

    static func < (left: Self, right: Self) -> Bool { left.ticks < right.ticks }

    static func ticks(in time: TimeAmount) -> Int { Int(time.nanoseconds >> 27) }

    /// How many ticks passed since `earlier`.
    func ticks(since earlier: Self) -> Int { Int(ticks) - Int(earlier.ticks) }
}
