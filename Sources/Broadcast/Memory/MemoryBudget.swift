import Synchronization

/// How much the events of a node may take in memory, and how hard its logs are trimmed to keep to that. From any thread.
final class MemoryBudget: Sendable {
    let held = HeldBytes()
    let limit: Int
    private let level = Atomic<Int>(0)
    /// What must be held before something is done again: trimming takes a turn of each loop.
    private let alarm: Atomic<Int>

    init(limit: Int) {
        self.limit = limit
        alarm = Atomic(limit)
    }

    /// How often the bounds of each log are halved.
    var pressure: Int { level.load(ordering: .relaxed) }

    /// Whether it is time to let go of something.
    var isExceeded: Bool { held.current > alarm.load(ordering: .relaxed) }

    /// What is held beyond the limit.
    var excess: Int { held.current - limit }

    /// Whether the limit doesn't hold however hard logs are trimmed.
    var isFull: Bool { excess > 0 && pressure == Self.hardest }

    /// More than the bits of what a log may hold.
    private static let hardest = 24

    /// Something was let go of; nothing more is until so much more is held.
    func wasRelieved() {
        alarm.store(max(limit, held.current) + limit / 64, ordering: .relaxed)
    }

    /// Trims harder; in the end each log has but its newest segment.
    func press() {
        let pressure = pressure
        _ = level.compareExchange(expected: pressure, desired: min(Self.hardest, pressure + 1), ordering: .relaxed)
    }

    /// Trims less hard once there is room again.
    func ease() {
        alarm.store(limit, ordering: .relaxed)
        guard held.current < limit - limit / 4, pressure > 0 else { return }
        _ = level.compareExchange(expected: pressure, desired: max(0, pressure - 1), ordering: .relaxed)
    }
}

extension Retention {
    /// How far batches may be kept together: a small part of what is kept.
    ///
    /// - Parameter expires: whether events get too old, as those of channels do.
    func merging(expires: Bool) -> SegmentList.Merging {
        SegmentList.Merging(
            events: maximumEvents / 64,
            bytes: maximumBytes / 64,
            ticks: expires ? SegmentTime.ticks(in: afterEnd) / 128 : nil
        )
    }

    /// What a log may hold while memory is short.
    func under(_ budget: MemoryBudget?) -> (events: Int, bytes: Int) {
        let pressure = budget?.pressure ?? 0
        return (max(1, maximumEvents >> pressure), max(1, maximumBytes >> pressure))
    }
}
