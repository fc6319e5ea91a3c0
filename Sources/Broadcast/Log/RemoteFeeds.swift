/// One loop's feeds of logs that other loops own, and the readers that wait for such a feed's first batch.
///
/// `@unchecked Sendable`: confined to its event loop.
final class RemoteFeeds: @unchecked Sendable {
    private var active: [StreamID: LogFeed] = [:]
    private var waiting: [StreamID: [LogReader]] = [:]

    subscript(epoch: StreamID) -> LogFeed? { active[epoch] }

    /// Parks a reader until its feed is there; true where the feed is on its way already.
    func enqueue(_ reader: LogReader, for feed: LogFeed) -> Bool {
        let isOnItsWay = waiting[feed.epoch] != nil
        waiting[feed.epoch, default: []].append(reader)
        return isOnItsWay
    }

    /// The feed has its history: returns who waited, those that left meanwhile excepted.
    func activate(_ feed: LogFeed) -> [LogReader] {
        active[feed.epoch] = feed
        return (waiting.removeValue(forKey: feed.epoch) ?? []).filter { $0.connection != nil }
    }

    func remove(_ feed: LogFeed) {
        if active[feed.epoch] === feed { active[feed.epoch] = nil }
    }
}
