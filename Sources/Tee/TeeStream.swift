import Broadcast
import Dialects
import Synchronization
import Tapes

/// One stream on its way to a tee's files: masked, formatted, written.
///
/// `@unchecked Sendable`: used on the tee's queue only, but for `isOver` and `giveUp`, which are an atomic and what is
/// shared anyway.
final class TeeStream: @unchecked Sendable {
    private let tee: Tee
    private let lines: EventLines
    private let secrets: TapeSecrets
    private var events: EventMasker
    private var body: SecretScrubber?
    private var info: StreamInfo?
    private var place: TeeWriter.Place?
    private let over = Atomic(false)

    init(_ tee: Tee, _ request: TeeStreamRequest) {
        self.tee = tee
        secrets = request.secrets
        lines = EventLines(request: request)
        events = EventMasker(request.secrets)
    }

    /// Whether nothing more is written of it.
    var isOver: Bool { over.load(ordering: .relaxed) }

    /// Makes its files, where they aren't there yet.
    func begin(_ id: StreamID, created: Int, status: Int?) {
        guard !isOver, place == nil else { return }
        let naming = StreamNaming(id: id, created: created, status: status, request: lines.request)
        attempt { () throws(TeeFailure) in place = try tee.writer.begin(naming) }
    }

    func take(_ batch: EventBatch, first: Int) {
        guard !isOver, let place, tee.formats != [.raw] else { return }
        let info = self.info ?? secrets.masking(batch.info)
        self.info = info
        var released: [MaskedEvent] = []
        for (index, event) in batch.events.enumerated() {
            events.take(event, sequence: first + index, offset: batch.offset, into: &released)
        }
        guard !released.isEmpty else { return }
        var summary = batch.summary
        if let finish = summary?.finish { summary?.finish = secrets.masking(finish) }
        let context = EventContext(info: info, summary: summary)
        attempt { () throws(TeeFailure) in
            if tee.formats.contains(.jsonl) {
                var bytes: [UInt8] = []
                for event in released { lines.append(event, of: context, to: &bytes) }
                try tee.writer.append(bytes, .jsonl, to: place)
            }
            if tee.formats.contains(.text) { try tee.writer.append(text: released, of: info, to: place) }
        }
    }

    /// Takes the next bytes of the body.
    ///
    /// - Parameter contentType: what they are, in case they are the first.
    func take(_ bytes: [UInt8], contentType: String?) {
        guard !isOver else { return }
        var chunks: [SecretScrubber.Chunk] = []
        if body == nil { body = SecretScrubber(secrets, contentType: contentType) }
        body?.feed(offset: 0, bytes, into: &chunks)
        append(chunks)
    }

    private func append(_ chunks: [SecretScrubber.Chunk]) {
        guard let place else { return }
        attempt { () throws(TeeFailure) in
            for chunk in chunks { try tee.writer.append(chunk.bytes, .raw, to: place) }
        }
    }

    /// Neither events nor bytes follow.
    func finish() {
        guard !isOver else { return }
        var chunks: [SecretScrubber.Chunk] = []
        body?.finish(into: &chunks)
        append(chunks)
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
