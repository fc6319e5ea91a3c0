import Dialects

/// A stream's message so far, exactly as far as its log has come. Confined to that log's loop.
final class StreamFold {
    /// What changes with every batch.
    private struct State {
        /// Of 8 MiB of text at most, since a stream may never end.
        var message = MessageFold(textLimit: 8 << 20)
        var snapshots = SnapshotCache()
    }

    /// Not checked for overlapping access at run time, which every batch would pay for: it calls nobody while it changes.
    @exclusivity(unchecked) private var state = State()
    var message: MessageFold { state.message }
    /// What is known of the stream; until its first batch, from its request alone.
    var info: StreamInfo { didSet { state.snapshots.removeAll() } }

    init(info: StreamInfo) { self.info = info }

    /// Adds up the events of a buffer from an index on.
    ///
    /// - Returns: how many of them are pieces of the answer.
    func add(_ buffer: borrowing EventBuffer, from first: Int = 0) -> Int {
        guard first < buffer.events.count else { return 0 }
        return Self.add(buffer, from: first, to: &state)
    }

    private static func add(_ buffer: borrowing EventBuffer, from first: Int, to state: inout State) -> Int {
        state.snapshots.removeAll()
        return state.message.add(buffer.events, from: first)
    }

    /// Adds up events of a page.
    ///
    /// - Parameter skipped: how many of them are in the message already.
    func add(_ run: EventRun, skipping skipped: Int = 0) {
        guard skipped < run.count else { return }
        Self.add(run, skipped, to: &state)
    }

    private static func add(_ run: EventRun, _ skipped: Int, to state: inout State) {
        state.snapshots.removeAll()
        var cursor = run.cursor(skipping: skipped)
        for _ in skipped..<run.count { state.message.add(cursor.next()) }
    }

    /// - Parameter next: the number behind the log's last event.
    func snapshot(_ form: Snapshot.Form, epoch: StreamID, earliest: Int, next: Int) -> Snapshot {
        if let found = state.snapshots[form] { return found }
        let includesEnd = form == .resource
        let message = state.message
        // The end is the last event.
        let last = next - 1 - (message.end != nil && !includesEnd ? 1 : 0)
        let asOf = ResumeToken(epoch: epoch, sequence: last)
        var bytes: [UInt8] = []
        if form == .text {
            bytes.append(contentsOf: message.text.utf8)
        } else {
            bytes.append(verbatim: "{\"asOf\":")
            bytes.appendJSON(string: asOf.description)
            bytes.append(UInt8(ascii: ","))
            SnapshotWriter.append(info, message, includesEnd: includesEnd, to: &bytes)
        }
        let earliest = ResumeToken(epoch: epoch, sequence: earliest - 1)
        let snapshot = Snapshot(asOf: asOf, earliest: earliest, openJSON: bytes)
        state.snapshots[form] = snapshot
        return snapshot
    }
}
