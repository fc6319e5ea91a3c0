import NIOCore

extension LogFeed {
    func add(_ reader: LogReader) {
        reader.feed = self
        readerCount += 1
        let group: ReaderGroup
        if let found = self.group(of: reader) {
            group = found
        } else {
            group = ReaderGroup(format: reader.format)
            groups.append(group)
        }
        group.add(reader)
        welcome(reader, of: group)
        catchUp(reader)
        tellIfJoined(reader)
    }

    private func group(of reader: LogReader) -> ReaderGroup? {
        groups.first { $0.renderer.format == reader.format }
    }

    /// Resolves where the reader begins, and tells it so.
    private func welcome(_ reader: LogReader, of group: ReaderGroup) {
        let (cursor, reset) = beginning(of: reader)
        reader.cursor = cursor
        guard reader.format.view.interleaves else {
            if reset == "trimmed" || reset != nil && list.earliest > 1 { finish(reader, .incomplete) }
            return
        }
        if reset != nil || reader.catchUp == .fold && reader.position == .earliest {
            reader.gap = LogReader.Gap(reset: reset, primes: true)
            return
        }
        let bytes = group.renderer.renderPriming(epoch: epoch, before: cursor)
        if bytes.readableBytes > 0 { reader.connection?.write(bytes) }
    }

    /// The first number that a reader gets, and why that is not the one it asked for.
    private func beginning(of reader: LogReader) -> (cursor: Int, reset: String?) {
        switch reader.position {
        case .earliest:
            // A log that lost its head must say so: "from the start" would be untrue.
            let needed = reader.log?.firstNeeded ?? 1
            return (list.earliest, needed < list.earliest ? "trimmed" : nil)
        case .now:
            return (list.next, nil)
        case .after(let token) where token.epoch != epoch:
            return (list.earliest, "unknown token")
        case .after(let token) where token.sequence + 1 < list.earliest:
            return (list.earliest, "trimmed")
        case .after(let token):
            let cursor = token.sequence + 1
            // What another loop delivered may still be on its way to this one: only beyond that is a token not ours.
            guard cursor <= max(list.next, reader.newest + 1) else { return (list.earliest, "unknown token") }
            return (cursor, nil)
        }
    }

    // MARK: Serving

    /// Serves a reader that is behind, as far as its socket takes it.
    func catchUp(_ reader: LogReader) {
        guard let group = group(of: reader) else { return }
        serve(reader, of: group)
        finishIfDone(reader)
    }

    /// Says to a new reader's connection that it has what was there.
    func tellIfJoined(_ reader: LogReader) {
        guard !reader.isJoined, reader.gap == nil else { return }
        reader.isJoined = true
        reader.connection?.joined()
    }

    func serve(_ reader: LogReader, of group: ReaderGroup) {
        if reader.gap == nil, reader.cursor < list.earliest {
            // It lagged past the end of what is kept: say so, never skip silently. Views that have no word for it end.
            guard reader.format.view.interleaves else { return finish(reader, .incomplete) }
            reader.gap = LogReader.Gap(reset: "trimmed", primes: false)
        }
        if reader.gap != nil { fillGap(of: reader, in: group) }
        guard reader.gap == nil else { return }
        while reader.cursor < list.next, reader.feed === self {
            guard let connection = reader.connection, connection.isWritable else {
                reader.isLagging = true
                return
            }
            tellIfSlow(reader, of: group, connection)
            let merges = reader.isLagging && reader.merges
            let piece = render(group, from: reader.cursor, merges: merges)
            counters.deliveries.add(piece.count)
            give(piece, to: reader, connection)
        }
        reader.isLagging = false
        reader.isTold = false
    }

    func give(_ piece: EventRenderer.Piece, to reader: LogReader, _ connection: any ReaderConnection) {
        reader.cursor = piece.next
        if piece.count > 0 { connection.write(piece.bytes) }
    }

    /// Says once per lag that the reader is about to lose events.
    private func tellIfSlow(_ reader: LogReader, of group: ReaderGroup, _ connection: any ReaderConnection) {
        let format = reader.format
        guard reader.isLagging, !reader.isTold, format.view.interleaves, format.transport != .json else { return }
        let limits = retention.under(budget)
        let behind = list.next - reader.cursor
        guard
            behind >= limits.events - limits.events / 4
                || list.byteCount(from: reader.cursor) >= limits.bytes - limits.bytes / 4
        else { return }
        reader.isTold = true
        counters.slowReaders.add()
        let retained = list.next - list.earliest
        connection.write(
            group.renderer.renderSlow(behind: behind, retained: retained, epoch: epoch, channel: channel)
        )
    }

    // MARK: Leaving

    func finishIfDone(_ reader: LogReader) {
        guard isEnded, reader.gap == nil, reader.cursor == list.next else { return }
        finish(reader, .complete)
    }

    func finish(_ reader: LogReader, _ reason: ReaderEnd) {
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
