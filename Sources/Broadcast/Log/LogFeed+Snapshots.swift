import NIOCore

extension LogFeed {
    /// Gives a reader the snapshot that it needs: at once on the log's own loop, else when that has made it.
    func fillGap(of reader: LogReader, in group: ReaderGroup) {
        guard let connection = reader.connection, connection.isWritable else {
            reader.isLagging = true
            return
        }
        guard let log = reader.log else { return }
        let form: Snapshot.Form = reader.format.view == .text ? .text : .delta
        if log.home === self {
            give(log.snapshot(form), to: reader, of: group, connection)
        } else {
            request(form, of: log)
        }
    }

    /// Asks the log's loop for a snapshot; whoever needs one until it is here shares it.
    private func request(_ form: Snapshot.Form, of log: EventLog) {
        guard requested.insert(form).inserted else { return }
        log.eventLoop.execute {
            let snapshot = log.snapshot(form)
            self.eventLoop.execute { self.deliver(snapshot, form) }
        }
    }

    /// A snapshot has come. What the log's loop appended before it made it was handed over before it, and is here.
    private func deliver(_ snapshot: Snapshot, _ form: Snapshot.Form) {
        requested.remove(form)
        for group in groups where (group.renderer.format.view == .text) == (form == .text) {
            for reader in group.readers where reader.feed === self && reader.gap != nil {
                // One that can't be written to asks again when it can.
                guard let connection = reader.connection, connection.isWritable else {
                    reader.isLagging = true
                    continue
                }
                give(snapshot, to: reader, of: group, connection)
                serve(reader, of: group)
                finishIfDone(reader)
                tellIfJoined(reader)
            }
        }
    }

    private func give(
        _ snapshot: Snapshot,
        to reader: LogReader,
        of group: ReaderGroup,
        _ connection: any ReaderConnection
    ) {
        guard let gap = reader.gap else { return }
        reader.gap = nil
        reader.cursor = snapshot.asOf.sequence + 1
        if gap.primes {
            let bytes = group.renderer.renderPriming(epoch: epoch, before: reader.cursor)
            if bytes.readableBytes > 0 { connection.write(bytes) }
        }
        counters.deliveries.add()
        if gap.reset != nil { counters.resets.add() }
        connection.write(group.frame(snapshot, reset: gap.reset, channel: channel))
    }
}
