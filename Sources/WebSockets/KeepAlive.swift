/// Finds out whether the peer is still there, and ends the wait for one that is to close.
///
/// It is asked every second or so; there is no timer of its own. Times are nanoseconds of a clock that never goes back.
public struct KeepAlive: Sendable {
    /// What is to be done.
    public enum Action: Sendable, Hashable {
        case nothing
        case ping
        /// Nobody is there: the connection is to be dropped.
        case lost
    }

    /// How long what may take.
    public struct Times: Sendable, Hashable {
        /// Between two pings. Default 25 s.
        public var interval: Int
        /// Until something must have come after a ping. Default 10 s.
        public var answer: Int
        /// Until the connection must be closed once either side has said so. Default 5 s.
        public var close: Int

        public init(interval: Int = 25_000_000_000, answer: Int = 10_000_000_000, close: Int = 5_000_000_000) {
            self.interval = interval
            self.answer = answer
            self.close = close
        }
    }

    private let times: Times
    private var nextPing: Int
    private var pinged: Int?
    private var closing: Int?

    /// - Parameters:
    ///   - now: when the connection was opened.
    ///   - first: when the first ping is due after that; nil for an interval. Of connections that were opened together each
    ///     should have its own, or they are all pinged together.
    public init(_ times: Times = .init(), at now: Int, first: Int? = nil) {
        self.times = times
        nextPing = now + (first ?? times.interval)
    }

    /// Something came from the peer: it is there, whatever it said.
    public mutating func heard() { pinged = nil }

    /// A close frame was sent: the peer has so long to close.
    public mutating func closes(at now: Int) {
        if closing == nil { closing = now }
    }

    /// - Parameter takesPing: whether a ping would reach the peer soon; asked only where it matters. Behind what a slow
    ///   reader hasn't taken it would come late and prove nothing; how long such a reader may take is for whoever writes
    ///   to it to say.
    public mutating func check(at now: Int, takesPing: () -> Bool) -> Action {
        if let closing { return now - closing >= times.close ? .lost : .nothing }
        guard pinged != nil || now >= nextPing else { return .nothing }
        guard takesPing() else {
            // The wait begins anew once it reads again.
            if pinged != nil { pinged = now }
            return .nothing
        }
        if let pinged, now - pinged >= times.answer { return .lost }
        guard now >= nextPing else { return .nothing }
        nextPing = now + times.interval
        if pinged == nil { pinged = now }
        return .ping
    }
}
