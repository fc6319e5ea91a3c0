import Dialects
import NIOCore

/// The messages of a channel's running streams, exactly as far as the channel's log has come. Confined to its loop.
///
/// A stream of the same loop shares its own fold. Others are folded here, and not before they must be: when somebody asks
/// for a snapshot, or before their events are trimmed. So what nobody asks for costs nothing while it is short.
final class ChannelFold {
    private struct Running {
        let fold: StreamFold
        /// Whether the stream's own loop keeps the fold up to date, which is this one.
        let isShared: Bool
    }

    private let name: String
    private var running: [StreamID: Running] = [:]
    /// In the order of their starts, by which sequence number; those that ended meanwhile leave when they must.
    private var order: CircularBuffer<(first: Int, id: StreamID)> = []
    /// Events below this number are in the folds.
    private var folded = 1
    private var snapshots = SnapshotCache()
    /// What was trimmed of streams whose ends were not: the messages as they stood where the log begins.
    private var behind: [StreamID: StreamFold] = [:]
    private var behindOrder: [StreamID] = []
    private var behindSnapshots = SnapshotCache()

    init(name: String) { self.name = name }

    /// The number of the first event without which a running stream can't be understood.
    var oldest: Int { order.first?.first ?? .max }

    /// The running stream that started last.
    var newest: StreamID? { order.last { running[$0.id] != nil }?.id }

    /// The log gets something next.
    func moveOn() { snapshots.removeAll() }

    /// The log gets a stream's first batch next, under the number `first`.
    func began(_ info: StreamInfo, at first: Int, shared: StreamFold?) {
        running[info.id] = Running(fold: shared ?? StreamFold(info: info), isShared: shared != nil)
        order.append((first, info.id))
    }

    func ended(_ id: StreamID) {
        running[id] = nil
        while let first = order.first, running[first.id] == nil { order.removeFirst() }
        guard order.count > 2 * running.count + 64 else { return }
        // One stream that never ends must not keep the numbers of all that began after it.
        order = CircularBuffer(order.filter { running[$0.id] != nil })
    }

    /// Folds a segment that is about to be trimmed.
    func willDrop(_ segment: Segment) {
        behindSnapshots.removeAll()
        if let run = segment.run { leaveBehind(run) }
        guard segment.next > folded else { return }
        fold(segment)
    }

    private func leaveBehind(_ run: EventRun) {
        let id = run.page.info.id
        let fold: StreamFold
        if let found = behind[id] {
            fold = found
        } else {
            fold = StreamFold(info: run.page.info)
            behind[id] = fold
            behindOrder.append(id)
        }
        fold.add(run)
        guard fold.message.end != nil else { return }
        behind[id] = nil
        behindOrder.removeAll { $0 == id }
    }

    /// Folds what isn't yet of a segment, which may have grown since it was folded.
    private func fold(_ segment: Segment) {
        let skipped = max(0, folded - segment.first)
        folded = segment.next
        guard let run = segment.run, let stream = running[run.page.info.id], !stream.isShared else { return }
        stream.fold.add(run, skipping: skipped)
    }

    func snapshot(_ form: Snapshot.Form, epoch: StreamID, list: SegmentList) -> Snapshot {
        if let found = snapshots[form] { return found }
        if let index = list.index(of: max(folded, list.earliest)) {
            for index in index..<list.count { fold(list[index]) }
        }
        let folds = order.compactMap { running[$0.id]?.fold }
        let snapshot = render(folds, form, ResumeToken(epoch: epoch, sequence: list.next - 1), epoch, list)
        snapshots[form] = snapshot
        return snapshot
    }

    /// What was trimmed adds up to this, of all streams that aren't over by then; everything that is kept comes after it.
    func snapshotBehind(_ form: Snapshot.Form, epoch: StreamID, list: SegmentList) -> Snapshot {
        if let found = behindSnapshots[form] { return found }
        let folds = behindOrder.compactMap { behind[$0] }
        let snapshot = render(folds, form, ResumeToken(epoch: epoch, sequence: list.earliest - 1), epoch, list)
        behindSnapshots[form] = snapshot
        return snapshot
    }

    private func render(
        _ folds: [StreamFold],
        _ form: Snapshot.Form,
        _ asOf: ResumeToken,
        _ epoch: StreamID,
        _ list: SegmentList
    ) -> Snapshot {
        var bytes: [UInt8] = []
        if form == .text {
            for fold in folds { bytes.append(contentsOf: fold.message.text.utf8) }
        } else {
            bytes.append(verbatim: "{\"asOf\":")
            bytes.appendJSON(string: asOf.description)
            bytes.append(verbatim: ",\"channel\":")
            bytes.appendJSON(string: name)
            bytes.append(verbatim: ",\"streams\":")
            bytes.appendJSON(array: folds) { fold, bytes in
                bytes.append(UInt8(ascii: "{"))
                SnapshotWriter.append(fold.info, fold.message, includesEnd: true, to: &bytes)
                bytes.append(UInt8(ascii: "}"))
            }
        }
        let earliest = ResumeToken(epoch: epoch, sequence: list.earliest - 1)
        return Snapshot(asOf: asOf, earliest: earliest, openJSON: bytes)
    }
}
