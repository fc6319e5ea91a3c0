/// How long to wait before the next attempt, and when to give up.
struct Backoff {
    /// What the server asked for with `retry`.
    var serverWait: Duration?
    /// How many attempts have failed since the last that didn't.
    private(set) var failures = 0

    private let limits: TokenStream.Reconnection
    private var isUp = false
    /// When the server was found away.
    private var awaySince: ContinuousClock.Instant?

    init(_ limits: TokenStream.Reconnection) {
        self.limits = limits
    }

    /// The server is there: it sends.
    mutating func succeeded() {
        isUp = true
        failures = 0
        awaySince = nil
    }

    /// A connection was cut, or none was made.
    ///
    /// - Parameters:
    ///   - chance: from 0 to 1; spreads the readers of a server that comes back.
    ///   - wanted: what the server asked for with `Retry-After`.
    /// - Returns: how long to wait; nil where it is time to give up.
    mutating func failed(at now: ContinuousClock.Instant, chance: Double, atLeast wanted: Duration?) -> Duration? {
        // The cut of a connection that worked is no failed attempt to make one.
        if !isUp { failures += 1 }
        let isFirst = isUp || awaySince == nil
        isUp = false
        let since = awaySince ?? now
        awaySince = since
        if let attempts = limits.attempts, failures >= attempts, failures > 0 { return nil }
        let wait = max(spread(chance, isFirst: isFirst), wanted ?? .zero)
        if let limit = limits.timeLimit, since.duration(to: now) + wait > limit { return nil }
        return wait
    }

    private func spread(_ chance: Double, isFirst: Bool) -> Duration {
        // The server spreads its own `retry`: the first attempt is made when it says.
        if isFirst, let serverWait { return min(serverWait, limits.longestWait) }
        let longest = min((serverWait ?? .seconds(1)) * (1 << min(failures, 20)), limits.longestWait)
        return longest * (0.5 + 0.5 * min(max(chance, 0), 1))
    }
}
