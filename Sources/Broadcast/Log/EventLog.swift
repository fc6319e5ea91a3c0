public import NIOCore
import Synchronization

/// A log of events: one owner appends on one loop, readers on any loop follow.
///
/// The owner's loop holds the log in its own feed. Another loop with readers gets a feed of its own: a copy of the
/// list of segments, which are shared, then each new batch in order. So a token's path takes no lock.
///
/// `@unchecked Sendable`: what changes is touched on `eventLoop` only, apart from atomics.
public final class EventLog: @unchecked Sendable {
    public let epoch: StreamID
    public let eventLoop: any EventLoop
    let home: LogFeed
    private var remotes: [LogFeed] = []
    private var isEnded = false
    private let fold: Fold
    /// The number of the first event without which what runs can't be understood.
    private let needed = Atomic<Int>(1)
    /// When something was last appended.
    private(set) var lastAppend = NIODeadline.now()
    private let readers = Atomic<Int>(0)
    /// The number of the newest event, which feeds of other loops may not have yet.
    private let appended = Atomic<Int>(0)
    /// The number of the last event, and of the last that the `raw` view shows; 0 until the log has ended.
    private let last = Atomic<Int>(0)
    private let lastInRaw = Atomic<Int>(0)

    /// What the log adds up to.
    enum Fold {
        case stream(StreamFold)
        case channel(ChannelFold, name: String)

        var channel: String? {
            if case .channel(_, let name) = self { name } else { nil }
        }
    }

    init(
        epoch: StreamID,
        eventLoop: any EventLoop,
        fold: Fold,
        retention: Retention,
        budget: MemoryBudget? = nil,
        counters: Counters
    ) {
        self.epoch = epoch
        self.eventLoop = eventLoop
        self.fold = fold
        home = LogFeed(
            eventLoop: eventLoop,
            epoch: epoch,
            channel: fold.channel,
            retention: retention,
            budget: budget,
            counters: counters
        )
        home.log = self
        if case .channel(let fold, _) = fold {
            needed.store(.max, ordering: .relaxed)
            home.willDrop = { fold.willDrop($0) }
        }
    }

    /// How many readers follow now, on all loops.
    public var readerCount: Int { readers.load(ordering: .relaxed) }

    /// Whether a reader who has everything up to `sequence` has all that this view will ever show. From any thread.
    public func isOver(after sequence: Int, in view: View) -> Bool {
        let last = self.last.load(ordering: .acquiring)
        guard last > 0, sequence <= last else { return false }
        return sequence >= (view == .raw ? lastInRaw.load(ordering: .relaxed) : last)
    }

    /// The number of the newest event. From any thread.
    public var newest: Int { appended.load(ordering: .acquiring) }

    /// About what the log takes in memory. On the log's loop only.
    var byteCount: Int { home.list.byteCount }

    /// The number of the first event without which what runs can't be understood: a stream's first, in a channel the first
    /// of the oldest stream that runs. From any thread.
    var firstNeeded: Int { needed.load(ordering: .relaxed) }

    func needs(from sequence: Int) { needed.store(sequence, ordering: .relaxed) }

    /// Appends a batch that is in the fold already.
    func append(_ batch: EventBatch, at time: NIODeadline = .coarse()) { append(.batch(batch), at: time) }

    func append(_ arrival: Arrival, at time: NIODeadline = .coarse()) {
        lastAppend = time
        home.append(arrival, at: time)
        appended.store(home.list.next - 1, ordering: .releasing)
        for remote in remotes {
            remote.eventLoop.execute { remote.append(arrival, at: time) }
        }
    }

    func end() {
        isEnded = true
        lastInRaw.store(home.list.lastInRaw, ordering: .relaxed)
        last.store(home.list.next - 1, ordering: .releasing)
        home.end()
        for remote in remotes {
            remote.eventLoop.execute { remote.end() }
        }
    }

    /// Drops events that are older than `deadline`, as channels do; returns whether any are left.
    func expire(before deadline: NIODeadline) -> Bool {
        home.expire(before: deadline)
        for remote in remotes {
            remote.eventLoop.execute { remote.expire(before: deadline) }
        }
        return !home.list.isEmpty
    }

    /// Drops what is more than may be held, after that has become less.
    func trim() {
        home.trim()
        for remote in remotes { remote.eventLoop.execute { remote.trim() } }
    }

    // MARK: Snapshots

    /// What the log adds up to now. On its loop only; made once however many ask.
    func snapshot(_ form: Snapshot.Form) -> Snapshot {
        let list = home.list
        return switch fold {
        case .stream(let fold): fold.snapshot(form, epoch: epoch, earliest: list.earliest, next: list.next)
        case .channel(let fold, _): fold.snapshot(form, epoch: epoch, list: list)
        }
    }

    /// The snapshot that a reader on whatever loop needs. On the log's loop only.
    func snapshot(_ request: Snapshot.Request) -> Snapshot {
        guard request.isBehind, case .channel(let fold, _) = fold else { return snapshot(request.form) }
        return fold.snapshotBehind(request.form, epoch: epoch, list: home.list)
    }

    /// What the log adds up to: a stream's message so far with its end, or those of a channel's running streams.
    ///
    /// From any thread; the result comes on `eventLoop`.
    public func snapshot(on eventLoop: any EventLoop) -> EventLoopFuture<Snapshot> {
        self.eventLoop.submit { self.snapshot(.resource) }.hop(to: eventLoop)
    }

    // MARK: Reading

    /// Adds a reader on its own loop; events come in order, history first, nothing lost or doubled.
    ///
    /// - Parameters:
    ///   - reader: made for this log.
    ///   - eventLoop: the reader's loop, on which this is called.
    ///   - feeds: that loop's feeds of other loops' logs.
    func add(_ reader: LogReader, on eventLoop: any EventLoop, feeds: RemoteFeeds) {
        reader.join(self)
        if eventLoop === self.eventLoop {
            home.add(reader)
        } else if let feed = feeds[epoch] {
            feed.add(reader)
        } else {
            attach(reader, on: eventLoop, feeds: feeds)
        }
    }

    func readerCame() { countReaders(1) }
    func readerLeft() { countReaders(-1) }

    private func countReaders(_ change: Int) {
        readers.wrappingAdd(change, ordering: .relaxed)
        home.counters.readership.wrappingAdd(1, ordering: .sequentiallyConsistent)
    }

    private func attach(_ reader: LogReader, on eventLoop: any EventLoop, feeds: RemoteFeeds) {
        let feed = LogFeed(of: self, on: eventLoop)
        if feeds.enqueue(reader, for: feed) { return }
        self.eventLoop.execute {
            let list = self.home.list
            let isEnded = self.isEnded
            self.remotes.append(feed)
            eventLoop.execute {
                feed.adopt(list, isEnded: isEnded)
                for reader in feeds.activate(feed) { feed.add(reader) }
                // Only now: who leaves within its welcome must not take the feed from those behind it.
                feed.onIdle = {
                    feeds.remove(feed)
                    self.eventLoop.execute { self.remotes.removeAll { $0 === feed } }
                }
                if feed.readerCount == 0 { feed.becomeIdle() }
            }
        }
    }

    func heartbeat(silentSince deadline: NIODeadline) {
        home.heartbeat(silentSince: deadline)
        for remote in remotes {
            remote.eventLoop.execute { remote.heartbeat(silentSince: deadline) }
        }
    }

    func close(over window: TimeAmount = .zero) {
        home.close(over: window)
        for remote in remotes {
            remote.eventLoop.execute { remote.close(over: window) }
        }
    }
}
