/// What a reader gets first who wants more than what is yet to come.
public enum CatchUp: Sendable, Hashable {
    /// The events themselves.
    case replay
    /// One snapshot in their place, where the reader names no event that it has.
    case fold
}

/// One subscriber of one log: a cursor, not a queue.
///
/// `@unchecked Sendable`: after it is made it is used on its feed's event loop only.
public final class LogReader: @unchecked Sendable {
    /// A snapshot that the reader needs before it can go on.
    struct Gap {
        /// Why events are gone; nil where the reader asked for the snapshot.
        var reset: String?
        /// Whether it is told the resume point first, as at the beginning of its subscription.
        var primes: Bool
    }

    let format: ViewFormat
    private(set) var connection: (any ReaderConnection)?
    /// The next sequence number to deliver; 0 until that is known.
    var cursor = 0
    var gap: Gap?
    /// Whether its socket didn't take everything, and it has not caught up since.
    var isLagging = false
    /// Whether it has been given what was there when it came.
    var isJoined = false
    /// Whether it was told that it is about to fall behind what is kept; once per lag.
    var isTold = false
    /// Where to begin; resolved to a cursor when the log is at hand.
    let position: ReadPosition
    let catchUp: CatchUp
    /// Whether adjacent deltas come in one event while it lags.
    let merges: Bool
    /// Its index among the readers of its format.
    var place = 0
    weak var feed: LogFeed?
    /// The log that counts this reader, until it leaves.
    private(set) var log: EventLog?
    private var epoch: StreamID?
    private var last = 0

    /// - Parameters:
    ///   - catchUp: `fold` has a meaning in the views `delta` and `text` only.
    ///   - merges: has a meaning in the views `delta` and `text` only.
    public init(
        format: ViewFormat,
        position: ReadPosition,
        catchUp: CatchUp = .replay,
        merges: Bool = true,
        connection: any ReaderConnection
    ) {
        self.format = format
        self.position = position
        self.catchUp = catchUp
        self.merges = merges
        self.connection = connection
    }

    /// The number of the newest event of the log that it reads.
    var newest: Int { log?.newest ?? 0 }

    /// What the reader has: it is delivered through here. Nil before it has a log. On its loop only.
    public var token: ResumeToken? {
        guard let epoch else { return nil }
        if cursor > 0 { return ResumeToken(epoch: epoch, sequence: cursor - 1) }
        // Its feed is on its way yet.
        switch position {
        case .earliest: return ResumeToken(epoch: epoch, sequence: 0)
        case .now: return ResumeToken(epoch: epoch, sequence: last)
        case .after(let token): return token
        }
    }

    /// The connection takes bytes again.
    public func writable() { feed?.catchUp(self) }

    /// The connection is gone, or wants no more.
    public func cancel() {
        feed?.remove(self)
        connection = nil
        leave()
    }

    func finish(_ reason: ReaderEnd) {
        let connection = self.connection
        self.connection = nil
        leave()
        connection?.ended(reason)
    }

    func join(_ log: EventLog) {
        self.log = log
        epoch = log.epoch
        last = log.newest
        log.readerCame()
    }

    private func leave() {
        log?.readerLeft()
        log = nil
    }
}
