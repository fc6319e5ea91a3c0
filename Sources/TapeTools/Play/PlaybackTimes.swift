/// When what happened on a tape happens again, in microseconds since the start.
///
/// Times are absolute, so that a late wake-up doesn't delay all that follows.
public struct PlaybackTimes: Sendable {
    private let speed: Double
    private let maxGap: Double?
    private var last: Int64 = 0
    private var due = 0.0

    /// - Parameters:
    ///   - speed: 1 as recorded, 2 twice as fast; 0 is at once.
    ///   - maxGap: no pause is longer than so many seconds, measured after `speed`; nil for no limit.
    public init(speed: Double = 1, maxGap: Double? = nil) {
        self.speed = speed.isFinite ? speed : 0
        self.maxGap = maxGap.flatMap { $0.isFinite ? max(0, $0) : nil }
    }

    /// When the next thing is due, which was recorded at `offset`; offsets don't fall.
    public mutating func next(_ offset: Int64) -> Int64 {
        let gap = Double(max(0, offset.subtractingReportingOverflow(last).partialValue))
        last = max(last, offset)
        guard speed > 0 else { return 0 }
        due += min(gap / speed, maxGap.map { $0 * 1e6 } ?? .infinity)
        // A century: no clock is asked for more.
        return Int64(min(due, 3_155_760_000_000_000))
    }
}
