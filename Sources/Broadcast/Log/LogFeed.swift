import NIOCore

/// One log as the readers of one event loop see it: the events, and who reads them in which format.
///
/// Everything that arrives in a turn is rendered once per format and written once per reader.
///
/// `@unchecked Sendable`: confined to `eventLoop`; other loops only pass it along.
final class LogFeed: @unchecked Sendable {
    let eventLoop: any EventLoop
    let epoch: StreamID
    /// The channel's name, where it is a channel's log.
    let channel: String?
    /// Held by its readers and its owner.
    weak var log: EventLog?
    /// Not checked at run time, which every batch would pay for: a list calls nobody while it changes but `willDrop`, which
    /// has the segment that it needs.
    @exclusivity(unchecked) private(set) var list: SegmentList
    let retention: Retention
    let budget: MemoryBudget?
    let counters: Counters
    var groups: [ReaderGroup] = []
    var readerCount = 0
    private(set) var isEnded = false
    /// Readers are served up to here (exclusive) once the pending flush has run.
    private var flushed = 1
    private var isFlushPending = false
    /// Snapshots that were asked of another loop.
    var requested: Set<Snapshot.Request> = []
    /// Called once, when the last reader leaves.
    var onIdle: (() -> Void)?
    /// Called with each segment before it is dropped.
    var willDrop: ((Segment) -> Void)?
    /// How much of the list's own memory is counted.
    private var counted = 0

    init(
        eventLoop: any EventLoop,
        epoch: StreamID,
        channel: String? = nil,
        retention: Retention,
        budget: MemoryBudget? = nil,
        counters: Counters
    ) {
        self.eventLoop = eventLoop
        self.epoch = epoch
        self.channel = channel
        self.retention = retention
        self.budget = budget
        self.counters = counters
        list = SegmentList(merging: retention.merging(expires: channel != nil))
    }

    deinit { budget?.held.subtract(counted) }

    /// The feed of another loop for the same log.
    convenience init(of log: EventLog, on eventLoop: any EventLoop) {
        self.init(
            eventLoop: eventLoop,
            epoch: log.epoch,
            channel: log.home.channel,
            retention: log.home.retention,
            budget: log.home.budget,
            counters: log.home.counters
        )
        self.log = log
    }

    /// Takes over what the log holds already, before any reader is served.
    func adopt(_ list: SegmentList, isEnded: Bool) {
        self.list = list
        self.isEnded = isEnded
        flushed = list.next
        count()
    }

    func append(_ arrival: Arrival, at time: NIODeadline) {
        list.append(arrival, at: time)
        trim()
        scheduleFlush()
    }

    func end() {
        isEnded = true
        scheduleFlush()
    }

    // MARK: Trimming

    /// Drops what is more than may be held.
    func trim() {
        let limits = retention.under(budget)
        if list.exceeds(events: limits.events, bytes: limits.bytes) {
            list.trim(maximumEvents: limits.events, maximumBytes: limits.bytes, willDrop: willDrop)
        }
        count()
    }

    /// Drops what was appended before `deadline`.
    func expire(before deadline: NIODeadline) {
        list.expire(before: deadline, willDrop: willDrop)
        count()
    }

    /// Has the node know what the list itself takes.
    private func count() {
        let storage = list.storage
        guard storage != counted else { return }
        budget?.held.add(storage - counted)
        counted = storage
    }

    // MARK: Delivery

    /// One flush a turn, however many streams append in it.
    private func scheduleFlush() {
        guard !isFlushPending else { return }
        guard readerCount > 0 else {
            flushed = list.next
            return
        }
        isFlushPending = true
        eventLoop.execute { self.flush() }
    }

    private func flush() {
        isFlushPending = false
        let from = flushed
        flushed = list.next
        for group in groups where !group.readers.isEmpty { flush(group, from: from) }
    }

    private func flush(_ group: ReaderGroup, from: Int) {
        // What was trimmed before it could be shown is told to each reader, by `serve`.
        let isShared = from >= list.earliest && from < list.next
        group.moveOn()
        var delivered = 0
        for reader in group.readers where reader.connection != nil {
            if reader.cursor == from, isShared, reader.gap == nil {
                delivered += share(with: reader, of: group)
            } else {
                serve(reader, of: group)
            }
            finishIfDone(reader)
        }
        group.moveOn()
        guard delivered > 0 else { return }
        group.lastWrite = .now()
        counters.deliveries.add(delivered)
    }

    /// Gives this turn's events to a reader that has all before them.
    ///
    /// - Returns: how many events it was given.
    private func share(with reader: LogReader, of group: ReaderGroup) -> Int {
        var delivered = 0
        var index = 0
        while reader.cursor < list.next {
            guard let connection = reader.connection, connection.isWritable else {
                reader.isLagging = true
                return delivered
            }
            if index == group.pieces.count { group.pieces.append(render(group, from: reader.cursor)) }
            let piece = group.pieces[index]
            index += 1
            delivered += piece.count
            give(piece, to: reader, connection)
        }
        reader.isLagging = false
        return delivered
    }

    func render(_ group: ReaderGroup, from: Int, merges: Bool = false) -> EventRenderer.Piece {
        group.renderer.render(
            list,
            from: from,
            atMost: group.pieceSize,
            epoch: epoch,
            channel: channel,
            merges: merges
        )
    }
}
