/// When each piece of a tape is due, in microseconds since the replayed request came in.
///
/// The times are absolute: who sleeps until each of them doesn't drift, however late a single wake-up is.
public struct ReplaySchedule: Sendable {
    public struct Chunk: Sendable {
        public var due: Int64
        public var bytes: [UInt8]
    }

    /// When the head is due; nil where the tape has none.
    public var head: Int64?
    public var chunks: [Chunk]
    /// When the end is due; nil where the tape has none.
    public var end: Int64?

    /// - Parameters:
    ///   - tape: what is to be replayed.
    ///   - speed: 0 is at once, 1 as recorded, 2 twice as fast. What isn't a number of 0 or more is taken for 0.
    public init(_ tape: Tape, speed: Double) {
        head = tape.response.map { Self.due($0.offset, speed) }
        chunks = tape.entries.compactMap { entry in
            guard case .chunk(let bytes) = entry.content else { return nil }
            return Chunk(due: Self.due(entry.offset, speed), bytes: bytes)
        }
        end = tape.end.map { Self.due($0.offset, speed) }
    }

    /// A century: no clock is asked for more.
    private static let latest = Int64(3_155_760_000_000_000)

    private static func due(_ offset: Int64, _ speed: Double) -> Int64 {
        let offset = min(max(offset, 0), latest)
        guard speed.isFinite, speed > 0 else { return 0 }
        if speed == 1 { return offset }
        // Exact: a century of microseconds has 52 bits.
        let due = (Double(offset) / speed).rounded()
        return due < Double(latest) ? Int64(due) : latest
    }
}
