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
    private let eventLoops: [any EventLoop]
    private let feeds: [ObjectIdentifier: RemoteFeeds]
    private let all: EventChannel
    private let state: Mutex<State>

    fileprivate struct State {
        var streams = StreamTable()
        /// Ended streams, oldest first, with their size.
        var ended: CircularBuffer<(id: StreamID, at: NIODeadline, bytes: Int)> = []
        var endedBytes = 0
        var channels: [String: EventChannel] = [:]
    }

    /// - Parameter eventLoops: the server's loops; at least one.
    public init(eventLoops: [any EventLoop], retention: Retention = .init(), counters: Counters = .init()) {
        precondition(!eventLoops.isEmpty)
        self.eventLoops = eventLoops
        self.retention = retention
        self.counters = counters
        feeds = Dictionary(
            eventLoops.map { (ObjectIdentifier($0), RemoteFeeds()) },
            uniquingKeysWith: { first, _ in first }
        )
        let log = EventLog(epoch: StreamID(), eventLoop: eventLoops[0], retention: retention, counters: counters)
        all = EventChannel(name: Self.allChannel, log: log)
        state = Mutex(State(channels: [Self.allChannel: all]))
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
        let log = EventLog(epoch: id, eventLoop: eventLoop, retention: retention, counters: counters)
        let record = StreamRecord(id: id, request: request, dialect: dialect.name, log: log, created: Self.milliseconds)
        state.withLock { $0.streams.insert(record) }
        counters.activeStreams.add()
        var channels = [all]
        if let name = request.channel, name != Self.allChannel, let channel = channel(named: name) {
            channels.append(channel)
        }
        return Generation(
            record: record,
            dialect: dialect,
            isCertain: isCertain,
            channels: channels,
            sinks: sinks,
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
    var knownChannels: [EventChannel] { state.withLock { Array($0.channels.values) } }

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
        state.withLock { state in
            state.ended.append((generation.id, .now(), bytes))
            state.endedBytes += bytes
            while state.endedBytes > retention.maximumTotalBytes, state.ended.count > 1 { state.dropOldest() }
        }
    }

    // MARK: Channels

    /// The channel of that name, made where it isn't there yet; nil where the name can't be one or there are too many.
    public func channel(named name: String) -> EventChannel? {
        guard EventChannel.isValid(name: name) else { return nil }
        let loop = eventLoops[Int(name.utf8.reduce(UInt32(17)) { $0 &* 31 &+ UInt32($1) }) % eventLoops.count]
        return state.withLock { state in
            if let channel = state.channels[name] { return channel }
            guard state.channels.count < retention.maximumChannels else { return nil }
            let log = EventLog(epoch: StreamID(), eventLoop: loop, retention: retention, counters: counters)
            let channel = EventChannel(name: name, log: log)
            state.channels[name] = channel
            return channel
        }
    }

    // MARK: Readers

    /// Adds a reader to a log; call it on the reader's loop, one of this node's.
    public func subscribe(_ reader: LogReader, to log: EventLog, on eventLoop: any EventLoop) {
        eventLoop.preconditionInEventLoop()
        guard let feeds = feeds[ObjectIdentifier(eventLoop)] else { return }
        log.add(reader, on: eventLoop, feeds: feeds)
    }

    // MARK: Housekeeping

    /// Lets go of what is too old and sends heartbeats; to be called every few seconds.
    public func tidy(heartbeatAfter silence: TimeAmount = .seconds(15)) {
        let now = NIODeadline.now()
        let (logs, channels) = state.withLock { state in
            while let oldest = state.ended.first, oldest.at + retention.afterEnd < now { state.dropOldest() }
            return (state.streams.ordered.map(\.log), Array(state.channels.values))
        }
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
        guard !hasEvents, channel.log.readerCount == 0, channel !== all else { return }
        guard channel.log.lastAppend < now - retention.afterEnd else { return }
        state.withLock { state in
            if state.channels[channel.name] === channel { state.channels[channel.name] = nil }
        }
    }

    /// Ends every subscription.
    ///
    /// - Parameter window: each at a moment of its own within so long; at once where it is zero.
    public func close(over window: TimeAmount = .zero) {
        let (logs, channels) = state.withLock { ($0.streams.ordered.map(\.log), Array($0.channels.values)) }
        for log in logs { log.eventLoop.execute { log.close(over: window) } }
        for channel in channels { channel.close(over: window) }
    }
}

extension Hub.State {
    fileprivate mutating func dropOldest() {
        guard let oldest = ended.popFirst() else { return }
        endedBytes -= oldest.bytes
        streams.remove(oldest.id)
    }
}
