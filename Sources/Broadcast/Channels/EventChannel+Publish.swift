import Dialects
public import NIOCore

/// How fast may be published to one channel.
public struct PublishLimits: Sendable, Hashable {
    /// Events a second on average. Default 1000.
    public var rate: Int
    /// Events at once after a rest. Default 2000.
    public var burst: Int

    public init(rate: Int = 1000, burst: Int = 2000) {
        self.rate = rate
        self.burst = burst
    }
}

/// A channel takes no more published events for now.
public struct PublishRefusal: Error, Hashable {
    /// How long to wait until it takes the next.
    public var wait: TimeAmount

    /// The same in whole seconds, at least one.
    public var seconds: Int { Int(max(1, (wait.nanoseconds + 999_999_999) / 1_000_000_000)) }
}

extension EventChannel {
    /// Appends an event of somebody's own. From any thread.
    ///
    /// - Returns: its id. It fails with a ``PublishRefusal`` where they come too fast, with ``ChannelClosed`` where the
    ///   node stops, or the channel was let go of meanwhile; ``Hub/channel(named:)`` then makes it anew.
    public func publish(_ event: PublishedEvent) -> EventLoopFuture<ResumeToken> { publish([event]).map { $0[0] } }

    /// Appends several events one behind the other, or none of them. From any thread.
    ///
    /// - Returns: their ids; it fails as ``publish(_:)-(PublishedEvent)`` does.
    public func publish(_ events: [PublishedEvent]) -> EventLoopFuture<[ResumeToken]> {
        log.eventLoop.submit {
            guard !self.isClosed else { throw ChannelClosed() }
            let limits = self.limits
            if let wait = self.bucket.take(events.count, rate: limits.rate, burst: limits.burst, at: .now()) {
                throw PublishRefusal(wait: wait)
            }
            self.counters.published.add(events.count)
            self.fold.moveOn()
            return events.map { event in
                self.log.append(.published(Publication(event, held: self.held)))
                return ResumeToken(epoch: self.log.epoch, sequence: self.log.newest)
            }
        }
    }
}
