/// What a fault does to a replay, and where.
struct ReplayEdit: Sendable {
    enum Place: Sendable, Hashable {
        /// Before the head.
        case head
        /// Before the byte with this number; that of the body's count is its end.
        case position(Int)
        /// At this time of the replay without faults, in microseconds.
        case time(Int64)
    }

    enum Action: Sendable {
        /// All that follows comes so many microseconds later.
        case delay(Int64)
        /// All that follows takes so many times as long.
        case stretch(Double)
        /// These bytes come as a chunk.
        case insert([UInt8])
        /// These bytes of the body, which came just before, come once more.
        case again(Range<Int>)
        /// It ends.
        case stop(ReplayPlan.Ending)
    }

    var action: Action
    var place: Place

    var isInsertion: Bool {
        if case .insert = action { true } else { false }
    }

    var isAgain: Bool {
        if case .again = action { true } else { false }
    }
}

/// The time of a replay, which faults bend: piecewise linear in the time that it would have without them.
struct BentTime: Sendable {
    private var from: Int64 = 0
    private var to: Int64 = 0
    private var rate = 1.0

    func callAsFunction(_ time: Int64) -> Int64 {
        let passed = max(0, time - from)
        let bent = rate == 1 ? passed : ReplayPace.microseconds(Double(passed) * rate)
        return min(to + bent, ReplayPace.latest)
    }

    mutating func delay(at time: Int64, by microseconds: Int64) {
        turn(at: time)
        to = min(to + microseconds, ReplayPace.latest)
    }

    mutating func stretch(at time: Int64, by factor: Double) {
        turn(at: time)
        rate *= factor
    }

    private mutating func turn(at time: Int64) {
        to = self(time)
        from = max(from, time)
    }
}
