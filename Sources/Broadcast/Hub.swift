public import Dialects
public import NIOCore
import Synchronization

#if canImport(Glibc)
import Glibc
#endif

/// All streams and channels of a node: makes them, finds them, lets them go when their time is over.
public final class Hub: Sendable {
    /// The channel that holds every stream.
    public static let allChannel = "all"

    public let counters: Counters
    let retention: Retention
    private let publishing: PublishLimits
    private let budget: MemoryBudget
    private let loops: [HubLoop]
    private let all: EventChannel
    private let state: Mutex<State>

    fileprivate struct State {
        var streams = StreamTable()
        /// Ended streams, oldest first, with their size.
        var ended: CircularBuffer<(id: StreamID, at: NIODeadline, bytes: Int)> = []
        var channels: [String: KnownChannel] = [:]
    }

    fileprivate struct KnownChannel {
        let channel: EventChannel
        /// When somebody last asked for it, to use it soon.
        var touched = NIODeadline.now()
    }

    /// - Parameters:
    ///   - eventLoops: the server's loops; at least one.
    ///   - publishing: how fast may be published to each channel.
    ///   - leavesUnread: whether streams that nobody follows are read some bytes at a time; whoever asks for what is in them
    ///     calls ``readUnread(on:)`` first.
    public init(
        eventLoops: [any EventLoop],
        retention: Retention = .init(),
        publishing: PublishLimits = .init(),
        leavesUnread: Bool = false,
        counters: Counters = .init()
    ) {
        precondition(!eventLoops.isEmpty)
        loops = eventLoops.map { HubLoop($0, leavesUnread: leavesUnread) }
        self.retention = retention
        self.publishing = publishing
        budget = MemoryBudget(limit: retention.maximumTotalBytes)
        self.counters = counters
        all = EventChannel(
            name: Self.allChannel,
            eventLoop: eventLoops[0],
            retention: retention,
            budget: budget,
            limits: publishing,
            counters: counters
        )
        state = Mutex(State(channels: [Self.allChannel: KnownChannel(channel: all)]))
    }

    // MARK: Streams

    /// Begins a generation on `eventLoop`, to be used on that loop only.
    public func makeGeneration(
        _ request: Generation.Request,
        dialect: Dialect,
        isCertain: Bool = false,
        sinks: [any GenerationSink] = [],
        on eventLoop: any EventLoop
    ) -> Generation {
        let id = StreamID()
        let created = Self.milliseconds
        let fold = StreamFold(
            info: StreamInfo(
                id: id,
                created: created / 1000,
                dialect: dialect.name,
                method: request.method,
                path: request.path,
                requestedModel: request.model,
                channel: request.channel,
                status: nil,
                start: StreamStart()
            )
        )
        let log = EventLog(
            epoch: id,
            eventLoop: eventLoop,
            fold: .stream(fold),
            retention: retention,
            budget: budget,
            counters: counters
        )
        let record = StreamRecord(id: id, request: request, dialect: dialect.name, log: log, created: created)
        state.withLock { $0.streams.insert(record) }
        counters.activeStreams.add()
        var channels = [all]
        if let name = request.channel, name != Self.allChannel, let channel = channel(named: name) {
            channels.append(channel)
        }
        for channel in channels { channel.join() }
        let loop = self.loop(eventLoop)
        return Generation(
            record: record,
            fold: fold,
            dialect: dialect,
            isCertain: isCertain,
            channels: channels,
            sinks: sinks,
            memory: loop?.memory ?? TurnMemory(),
            unreadStreams: loop?.unread,
            hub: self
        )
    }

    public func stream(_ id: StreamID) -> EventLog? {
        record(of: id)?.log
    }

    /// What is known of a stream; nil where there is none, or its time is over.
    public func record(of id: StreamID) -> StreamRecord? {
        state.withLock { $0.streams[id] }
    }

    /// The channels that there are, in no order.
    var knownChannels: [EventChannel] { state.withLock { $0.channels.values.map(\.channel) } }

    /// All streams, oldest first.
    var orderedStreams: ContiguousArray<StreamRecord> { state.withLock { $0.streams.ordered } }

    /// Milliseconds since 1970.
    static var milliseconds: Int {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
    }

    func ended(_ generation: Generation, _ end: StreamEnd) {
        counters.activeStreams.subtract()
        generation.record.ended(end, generation.fold, at: Self.milliseconds)
        switch end.state {
        case .complete: counters.completeStreams.add()
        case .truncated: counters.truncatedStreams.add()
        case .error: counters.failedStreams.add()
        case .cancelled: counters.cancelledStreams.add()
        }
        let bytes = generation.log.byteCount
        state.withLock { $0.ended.append((generation.id, .now(), bytes)) }
    }

    // MARK: Channels

    /// The channel of that name, made where it isn't there yet; nil where the name can't be one or there are too many.
    public func channel(named name: String) -> EventChannel? {
        guard EventChannel.isValid(name: name) else { return nil }
        let loop = loops[Int(name.utf8.reduce(UInt32(17)) { $0 &* 31 &+ UInt32($1) }) % loops.count].eventLoop
        return state.withLock { state in
            if let known = state.channels[name] {
                state.channels[name]?.touched = .now()
                return known.channel
            }
            guard state.channels.count < retention.maximumChannels else { return nil }
            let channel = EventChannel(
                name: name,
                eventLoop: loop,
                retention: retention,
                budget: budget,
                limits: publishing,
                counters: counters
            )
            state.channels[name] = KnownChannel(channel: channel)
            return channel
        }
    }

    // MARK: Readers

    /// Has the streams read that nobody follows, so that what is asked next is answered with all that has come.
    ///
    /// Streams of other loops are read before anything that is handed to those loops from now on.
    ///
    /// - Parameter eventLoop: the caller's.
    public func readUnread(on eventLoop: any EventLoop) {
        for loop in loops { loop.withUnread(from: eventLoop) { $0.readAll() } }
    }

    /// What there is for an event loop; nil where it isn't one of this node's. There are few.
    private func loop(_ eventLoop: any EventLoop) -> HubLoop? { loops.first { $0.eventLoop === eventLoop } }

    /// Adds a reader to a log; call it on the reader's loop, one of this node's.
    public func subscribe(_ reader: LogReader, to log: EventLog, on eventLoop: any EventLoop) {
        eventLoop.preconditionInEventLoop()
        guard let feeds = loop(eventLoop)?.feeds else { return }
        readUnread(on: eventLoop)
        log.add(reader, on: eventLoop, feeds: feeds)
        // Once more, for what another loop left unread before it could know of the reader.
        readUnread(on: eventLoop)
    }

    // MARK: Housekeeping

    /// Lets go of what is too old and sends heartbeats; to be called every few seconds.
    public func tidy(heartbeatAfter silence: TimeAmount = .seconds(15)) {
        let now = NIODeadline.now()
        let (logs, channels) = state.withLock { state in
            while let oldest = state.ended.first, oldest.at + retention.afterEnd < now { _ = state.dropOldest() }
            return (state.streams.ordered.map(\.log), state.channels.values.map(\.channel))
        }
        for loop in loops { loop.withUnread { $0.readOld(at: now) } }
        budget.ease()
        keepWithinBudget()
        for log in logs where log.readerCount > 0 {
            log.eventLoop.execute { log.heartbeat(silentSince: now - silence) }
        }
        for channel in channels {
            channel.log.eventLoop.execute { self.tidy(channel, now, heartbeatAfter: silence) }
        }
    }

    private func tidy(_ channel: EventChannel, _ now: NIODeadline, heartbeatAfter silence: TimeAmount) {
        channel.log.heartbeat(silentSince: now - silence)
        let hasEvents = channel.log.expire(before: now - retention.afterEnd)
        guard !hasEvents, channel.log.readerCount == 0, channel.waiting.isEmpty, channel !== all else { return }
        guard channel.log.lastAppend < now - retention.afterEnd else { return }
        let isForgotten = state.withLock { state in
            guard let known = state.channels[channel.name], known.channel === channel, !channel.isInUse,
                known.touched < now - min(retention.afterEnd, .minutes(1))
            else { return false }
            state.channels[channel.name] = nil
            return true
        }
        // Who holds it still and publishes to it is told.
        if isForgotten { channel.isClosed = true }
    }

    /// What the node's events take in memory, for new ones to be counted in.
    var held: HeldBytes { budget.held }

    /// What the node's events take in memory, about, in bytes.
    public var heldBytes: Int { budget.held.current }

    /// Whether more is held than may be, with all logs trimmed as hard as they are: nothing is to be published for now.
    public var isFull: Bool { budget.isFull }

    /// Lets go of something where the node holds too much: ended streams, oldest first, then the older events of all logs.
    public func keepWithinBudget() {
        guard budget.isExceeded else { return }
        var dropped: [StreamRecord] = []
        state.withLock { state in
            var excess = budget.excess
            while excess > 0, state.ended.count > 1, let (record, bytes) = state.dropOldest() {
                dropped.append(contentsOf: record.map { [$0] } ?? [])
                excess -= bytes
            }
        }
        // Their events go with them, as far as no channel and no reader holds them.
        dropped = []
        defer { budget.wasRelieved() }
        guard budget.excess > 0 else { return }
        budget.press()
        let logs = state.withLock { $0.streams.ordered.map(\.log) + $0.channels.values.map(\.channel.log) }
        for log in logs { log.eventLoop.execute { log.trim() } }
    }

    /// Ends every subscription.
    ///
    /// - Parameter window: each at a moment of its own within so long; at once where it is zero.
    public func close(over window: TimeAmount = .zero) {
        let (logs, channels) = state.withLock { ($0.streams.ordered.map(\.log), $0.channels.values.map(\.channel)) }
        for log in logs { log.eventLoop.execute { log.close(over: window) } }
        for channel in channels { channel.close(over: window) }
    }
}

extension Hub.State {
    /// Lets go of the stream that ended first; returns it with its size, so that it is freed outside of the lock.
    fileprivate mutating func dropOldest() -> (StreamRecord?, bytes: Int)? {
        guard let oldest = ended.popFirst() else { return nil }
        let record = streams[oldest.id]
        streams.remove(oldest.id)
        return (record, oldest.bytes)
    }
}
