public import NIOCore

/// Lets so many through a second on average, and so many at once after a rest.
///
/// It keeps one moment, at which all that was let through would be paid for (the generic cell rate algorithm of ITU-T
/// I.371).
public struct TokenBucket: Sendable {
    private var paid = NIODeadline.uptimeNanoseconds(0)

    public init() {}

    /// Lets one or several through, all or none, or says how long to wait.
    ///
    /// - Parameters:
    ///   - rate: how many a second, at least 1.
    ///   - burst: how many at once, at least 1. More than these are never let through.
    /// - Returns: nil where they are let through.
    public mutating func take(_ count: Int = 1, rate: Int, burst: Int, at now: NIODeadline) -> TimeAmount? {
        let price = TimeAmount.nanoseconds(1_000_000_000 / Int64(max(1, rate)))
        let due = max(paid, now)
        let wait = (due - now) - .nanoseconds(price.nanoseconds * Int64(max(1, burst) - count))
        guard wait <= .zero else { return wait }
        paid = due + .nanoseconds(price.nanoseconds * Int64(count))
        return nil
    }
}
