import Broadcast
import Dialects
import Synchronization

/// One stream on its way to a tee's files: masked, formatted, written.
///
/// `@unchecked Sendable`: used on the tee's queue only, but for `isOver` and `giveUp`, which are an atomic and what is
/// shared anyway.
final class TeeStream: @unchecked Sendable {
    private let tee: Tee
    private let lines: EventLines
    private let masks: StreamMasks
    private var events: EventMasker
    private var body: (any PieceScrubber)?
    private var info: StreamInfo?
    private var place: TeeWriter.Place?
    private let over = Atomic(false)

    init(_ tee: Tee, _ request: TeeStreamRequest) {
        self.tee = tee
        let masks = StreamMasks(request.secrets)
        self.masks = masks
        lines = EventLines(request: request)
        events = EventMasker(masks)
        if tee.formats.contains(.raw) { body = masks.makeBodyScrubber() }
    }

    /// Whether nothing more is written of it.
    var isOver: Bool { over.load(ordering: .relaxed) }

    /// Makes its files, where they aren't there yet.
    func begin(_ id: StreamID, created: Int, status: Int?) {
        guard !isOver, place == nil else { return }
        let naming = StreamNaming(id: id, created: created, status: status, request: lines.request)
        attempt { () throws(TeeFailure) in place = try tee.writer.begin(naming, masks) }
    }

    func take(_ batch: EventBatch, first: Int) {
        guard !isOver, let place else { return }
        let info = self.info ?? masks.masking(batch.info)
        self.info = info
        var released: [MaskedEvent] = []
        for (index, event) in batch.content.events.enumerated() {
            events.take(event, sequence: first + index, offset: batch.offset, into: &released)
        }
        guard !released.isEmpty else { return }
        var summary = batch.summary
        if let finish = summary?.finish { summary?.finish = masks.masking(finish) }
        let frame = EventBatch(info: info, content: EventBuffer(), offset: batch.offset, summary: summary)
        attempt { () throws(TeeFailure) in
            if tee.formats.contains(.jsonl) {
                var bytes: [UInt8] = []
                for event in released { lines.append(event, of: frame, to: &bytes) }
                try tee.writer.append(bytes, .jsonl, to: place)
            }
            if tee.formats.contains(.text) { try tee.writer.append(text: released, of: info, to: place) }
        }
    }

    /// Takes the next bytes of the body.
    func take(_ bytes: [UInt8]) {
        guard !isOver, let place, let masked = body?.feed(bytes) else { return }
        attempt { () throws(TeeFailure) in try tee.writer.append(masked, .raw, to: place) }
    }

    /// Neither events nor bytes follow.
    func finish() {
        guard !isOver else { return }
        if let place, let rest = body?.finish() {
            attempt { () throws(TeeFailure) in try tee.writer.append(rest, .raw, to: place) }
        }
        close()
        if !over.exchange(true, ordering: .relaxed) { tee.succeeded() }
    }

    func close() { place = nil }

    /// Leaves what is written as it is, and says why nothing more is.
    ///
    /// - Parameter isLost: whether the target can't be written to any more.
    func giveUp(_ reason: String?, isLost: Bool = false) {
        guard !over.exchange(true, ordering: .relaxed) else { return }
        tee.failed(reason, isLost: isLost)
    }

    private func attempt(_ work: () throws(TeeFailure) -> Void) {
        do throws(TeeFailure) {
            try work()
        } catch {
            giveUp(error.message, isLost: true)
            close()
        }
    }
}
