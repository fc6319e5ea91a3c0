import NIOCore

/// Tells a peer that takes nothing from one that has nothing to take.
struct SocketProgress {
    /// How long a peer may leave everything unacknowledged.
    let patience: TimeAmount
    private var acknowledged = 0
    private var stalledSince: NIODeadline?
    /// What was written when the peer was last seen to have all of it.
    private var settled: Int?

    init(patience: TimeAmount) { self.patience = patience }

    /// Takes a look.
    ///
    /// - Parameters:
    ///   - written: all bytes that were ever given to the connection.
    ///   - unacknowledged: those of them that the peer has not acknowledged. It is a question to the system, and isn't asked
    ///     while nothing was written since the peer had all: that is how most readers are found most of the time.
    /// - Returns: whether the peer has acknowledged nothing for too long while there was something.
    mutating func isStalled(written: Int, unacknowledged: @autoclosure () -> Int, at now: NIODeadline) -> Bool {
        guard written != settled else { return false }
        let unacknowledged = unacknowledged()
        if unacknowledged == 0 { settled = written }
        let acknowledged = written - unacknowledged
        defer { self.acknowledged = acknowledged }
        guard unacknowledged > 0, acknowledged <= self.acknowledged else {
            stalledSince = nil
            return false
        }
        let since = stalledSince ?? now
        stalledSince = since
        return now - since >= patience
    }
}
