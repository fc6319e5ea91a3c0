import NIOCore

/// One log as the readers of one event loop see it: the events, and who reads them in which format.
///
/// Everything that arrives in a turn is rendered once per format and written once per reader.
///
/// `@unchecked Sendable`: confined to `eventLoop`; other loops only pass it along.
final class LogFeed: @unchecked Sendable {
    /// The readers of one format. A class, because a write may close its reader at once, which then leaves the group.
    private final class Group {
        let renderer: EventRenderer
        var readers: [LogReader] = []
        var lastWrite = NIODeadline.now()

        init(format: ViewFormat) { renderer = EventRenderer(format: format) }

        func add(_ reader: LogReader) {
            reader.place = readers.count
            readers.append(reader)
        }

        func remove(_ reader: LogReader) {
            let last = readers.removeLast()
            guard last !== reader else { return }
            readers[reader.place] = last
            last.place = reader.place
        }
    }

    let eventLoop: any EventLoop
    let epoch: StreamID
    private(set) var list = SegmentList()
    private let retention: Retention
    private let counters: Counters
    private var groups: [Group] = []
    private(set) var readerCount = 0
    private var isEnded = false
    /// Readers are served up to here (exclusive) once the pending flush has run.
    private var flushed = 1
    private var isFlushPending = false
    /// Called once, when the last reader leaves.
    var onIdle: (() -> Void)?

    init(eventLoop: any EventLoop, epoch: StreamID, retention: Retention, counters: Counters) {
        self.eventLoop = eventLoop
        self.epoch = epoch
        self.retention = retention
        self.counters = counters
    }

    /// Takes over what the log holds already, before any reader is served.
    func adopt(_ list: SegmentList, isEnded: Bool) {
        self.list = list
        self.isEnded = isEnded
        flushed = list.next
    }

    func append(_ batch: EventBatch) {
        list.append(batch)
        list.trim(maximumEvents: retention.maximumEvents, maximumBytes: retention.maximumBytes)
        scheduleFlush()
    }

    func end() {
        isEnded = true
        scheduleFlush()
    }

    func dropFirst() { list.dropFirst() }

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

    private func flush(_ group: Group, from: Int) {
        let next = list.next
        // What was trimmed before it could be shown is told to each reader, by `serve`.
        let isWhole = from >= list.earliest
        var shared: EventRenderer.Piece?
        var delivered = 0
        for reader in group.readers {
            if reader.cursor == from, from < next, isWhole {
                guard let connection = reader.connection, connection.isWritable else { continue }
                let piece = shared ?? group.renderer.render(list, from: from, atMost: .max, epoch: epoch)
                shared = piece
                reader.cursor = next
                if piece.count > 0 {
                    connection.write(piece.bytes)
                    delivered += piece.count
                }
            } else {
                serve(reader, group.renderer)
            }
            finishIfDone(reader)
        }
        guard delivered > 0 else { return }
        group.lastWrite = .now()
        counters.deliveries.add(delivered)
    }

    // MARK: Readers

    func add(_ reader: LogReader) {
        reader.feed = self
        readerCount += 1
        let group: Group
        if let found = self.group(of: reader) {
            group = found
        } else {
            group = Group(format: reader.format)
            groups.append(group)
        }
        group.add(reader)
        welcome(reader, group.renderer)
        catchUp(reader)
        reader.connection?.joined()
    }

    private func group(of reader: LogReader) -> Group? {
        groups.first { $0.renderer.format == reader.format }
    }

    /// Resolves where the reader begins, and tells it so.
    private func welcome(_ reader: LogReader, _ renderer: EventRenderer) {
        var resetReason: String?
        switch reader.position {
        case .earliest:
            reader.cursor = list.earliest
            // A log that lost its head must say so: "from the start" would be untrue.
            if list.earliest > 1 { resetReason = "trimmed" }
        case .now:
            reader.cursor = list.next
        case .after(let token) where token.epoch != epoch:
            reader.cursor = list.earliest
            resetReason = "unknown token"
        case .after(let token) where token.sequence + 1 < list.earliest:
            reader.cursor = list.earliest
            resetReason = "trimmed"
        case .after(let token):
            reader.cursor = token.sequence + 1
            // What another loop delivered may still be on its way to this one: only beyond that is a token not ours.
            if reader.cursor > max(list.next, reader.newest + 1) {
                reader.cursor = list.earliest
                resetReason = "unknown token"
            }
        }
        if resetReason == "trimmed", !reader.format.view.interleaves { return finish(reader, .incomplete) }
        let bytes = renderer.renderWelcome(epoch: epoch, before: reader.cursor, reset: resetReason)
        if bytes.readableBytes > 0 { reader.connection?.write(bytes) }
    }

    /// Serves a reader that is behind, as far as its socket takes it.
    func catchUp(_ reader: LogReader) {
        guard let group = group(of: reader) else { return }
        serve(reader, group.renderer)
        finishIfDone(reader)
    }

    private func serve(_ reader: LogReader, _ renderer: EventRenderer) {
        if reader.cursor < list.earliest, let connection = reader.connection, connection.isWritable {
            // It lagged past the end of what is kept: say so, never skip silently. Views that have no word for it end.
            guard reader.format.view.interleaves else { return finish(reader, .incomplete) }
            reader.cursor = list.earliest
            connection.write(renderer.renderWelcome(epoch: epoch, before: reader.cursor, reset: "trimmed"))
        }
        while reader.cursor < list.next, let connection = reader.connection, connection.isWritable {
            let piece = renderer.render(list, from: reader.cursor, atMost: 32 * 1024, epoch: epoch)
            reader.cursor = piece.next
            guard piece.count > 0 else { continue }
            counters.deliveries.add(piece.count)
            connection.write(piece.bytes)
        }
    }

    private func finishIfDone(_ reader: LogReader) {
        guard isEnded, reader.cursor == list.next else { return }
        finish(reader, .complete)
    }

    private func finish(_ reader: LogReader, _ reason: ReaderEnd) {
        remove(reader)
        reader.finish(reason)
    }

    func remove(_ reader: LogReader) {
        guard reader.feed === self, let group = group(of: reader) else { return }
        reader.feed = nil
        group.remove(reader)
        readerCount -= 1
        if readerCount == 0 { becomeIdle() }
    }

    func becomeIdle() {
        // Let go of, because it holds this feed.
        let action = onIdle
        onIdle = nil
        action?()
    }

    /// Sends a heartbeat to the readers of every format that has been silent since `deadline`.
    func heartbeat(silentSince deadline: NIODeadline) {
        for group in groups where group.lastWrite < deadline {
            guard let ping = group.renderer.heartbeat else { continue }
            group.lastWrite = .now()
            for reader in group.readers {
                guard let connection = reader.connection, connection.isWritable else { continue }
                connection.write(ping)
            }
        }
    }

    /// Ends every reader, as when the program stops; each at a moment of its own within `window`.
    func close(over window: TimeAmount) {
        for reader in groups.flatMap(\.readers) {
            guard window > .zero else {
                finish(reader, .shutdown)
                continue
            }
            eventLoop.scheduleTask(in: window.someMoment) { self.finish(reader, .shutdown) }
        }
    }
}

extension TimeAmount {
    /// Any moment from now until then.
    var someMoment: TimeAmount { nanoseconds > 0 ? .nanoseconds(.random(in: 0...nanoseconds)) : .zero }
}
