import NIOCore

/// The readers of one format on one loop: what is rendered for one of them is there for all.
///
/// A class, because a write may close its reader at once, which then leaves the group.
final class ReaderGroup {
    let renderer: EventRenderer
    private(set) var readers: [LogReader] = []
    var lastWrite = NIODeadline.now()
    /// What this turn's events are for all who are up to date, in pieces, so that a reader that stalls holds few of them.
    var pieces: [EventRenderer.Piece] = []
    private var framed: (snapshot: Snapshot, reset: String?, bytes: ByteBuffer)?

    init(format: ViewFormat) { renderer = EventRenderer(format: format) }

    /// How long a piece is, about.
    var pieceSize: Int { 32 << 10 }

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

    /// A snapshot in this format, with the `reset` before it: made once for a crowd that comes at once.
    func frame(_ snapshot: Snapshot, reset: String?, channel: String?) -> ByteBuffer {
        if let framed, framed.snapshot === snapshot, framed.reset == reset { return framed.bytes }
        let bytes = renderer.render(snapshot, reset: reset, channel: channel)
        framed = (snapshot, reset, bytes)
        return bytes
    }

    /// Lets go of what was rendered, once the log has moved on.
    func moveOn() {
        pieces.removeAll(keepingCapacity: true)
        framed = nil
    }
}
