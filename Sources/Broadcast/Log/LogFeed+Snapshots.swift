import NIOCore

extension LogFeed {
    /// Gives a reader the snapshot that it needs: at once on the log's own loop, else when that has made it.
    func fillGap(of reader: LogReader, in group: ReaderGroup) {
        guard let connection = reader.connection, connection.isWritable else {
            reader.isLagging = true
            return
        }
        guard let log = reader.log else { return }
        guard let needed = need(of: reader) else { return }
        if log.home === self {
            give(log.snapshot(needed), to: reader, of: group, connection)
        } else {
            request(needed, of: log)
        }
    }

    /// The snapshot that a reader waits for; nil where it waits for none.
    private func need(of reader: LogReader) -> Snapshot.Request? {
        guard let gap = reader.gap else { return nil }
        let form: Snapshot.Form = reader.format.view == .text ? .text : .delta
        return Snapshot.Request(form: form, isBehind: gap.reset != nil && channel != nil)
    }

    /// Asks the log's loop for a snapshot; whoever needs one until it is here shares it.
    private func request(_ needed: Snapshot.Request, of log: EventLog) {
        guard requested.insert(needed).inserted else { return }
        log.eventLoop.execute {
            let snapshot = log.snapshot(needed)
            self.eventLoop.execute { self.deliver(snapshot, needed) }
        }
    }

    /// A snapshot has come. What the log's loop appended before it made it was handed over before it, and is here.
    private func deliver(_ snapshot: Snapshot, _ request: Snapshot.Request) {
        requested.remove(request)
        for group in groups {
            for reader in group.readers where reader.feed === self && need(of: reader) == request {
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
            let bytes = group.renderer.renderPriming(epoch: epoch, before: nil)
            if bytes.readableBytes > 0 { connection.write(bytes) }
        }
        counters.deliveries.add()
        if gap.reset != nil { counters.resets.add() }
        connection.write(group.frame(snapshot, reset: gap.reset, channel: channel))
    }
}
