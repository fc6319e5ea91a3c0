public import NIOCore

/// What becomes of a request whose caller leaves before it has all.
///
/// Whatever it is, a stream goes on while somebody subscribes to it or it is recorded.
public enum OnDisconnect: Sendable, Hashable {
    /// The upstream is closed.
    case cancel
    /// The upstream is read to its end, for tees and for its token counts.
    case drain
    /// As ``drain``, until nobody has read for so long: its caller may come back for the rest.
    case keep(TimeAmount)
}

/// Decides whether a stream goes on that has no caller.
struct Interest {
    let policy: OnDisconnect
    /// Since when nobody has read; nil while somebody does.
    private var unreadSince: NIODeadline?

    init(_ policy: OnDisconnect) { self.policy = policy }

    /// - Parameters:
    ///   - isWanted: whether somebody subscribes to it or it is recorded.
    ///   - isOver: whether the stream's own end was seen; what its upstream still sends is no part of it.
    mutating func goesOn(isWanted: Bool, isOver: Bool, now: NIODeadline) -> Bool {
        if isWanted {
            unreadSince = nil
            return true
        }
        guard !isOver else { return false }
        let since = unreadSince ?? now
        unreadSince = since
        switch policy {
        case .cancel: return false
        case .drain: return true
        case .keep(let time): return now - since < time
        }
    }
}
