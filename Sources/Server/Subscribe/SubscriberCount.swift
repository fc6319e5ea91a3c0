import Synchronization

/// Counts the subscribers of a node, and lets no more in than there may be.
final class SubscriberCount: Sendable {
    private let limit: Int
    private let count = Atomic<Int>(0)

    init(limit: Int) { self.limit = limit }

    /// Takes one more in; false where there are as many as there may be. Each that came in has to ``leave()``.
    func enter() -> Bool {
        guard count.wrappingAdd(1, ordering: .relaxed).newValue > limit else { return true }
        count.wrappingSubtract(1, ordering: .relaxed)
        return false
    }

    func leave() { count.wrappingSubtract(1, ordering: .relaxed) }
}

extension APIRefusal {
    /// There are as many subscribers as there may be.
    static var tooManySubscribers: APIRefusal {
        APIRefusal(
            503,
            "too_many",
            "this node has as many subscribers as it takes; come back later",
            retryAfter: Int.random(in: 1...5)
        )
    }
}
