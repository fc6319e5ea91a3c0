public import Broadcast
import Dialects
import Dispatch
import Synchronization

/// Writes every stream to files while it runs, beside the relay and never in its way.
///
/// One file per stream and format, named by the stream's id. A disk that can't keep up loses the rest of a stream's
/// files, never a caller's bytes.
public final class Tee: Sendable {
    /// What a file holds.
    public enum Format: String, Sendable, Hashable, CaseIterable {
        /// One event a line, as JSON with stream, token and microseconds.
        case jsonl
        /// The assistant's text, fit for `tail -f`.
        case text
    }

    /// How much may wait for the disk, over all streams: 16 MiB.
    static let maximumPending = 16 << 20

    let directory: String
    let formats: [Format]
    let report: @Sendable (String) -> Void
    let queue = DispatchQueue(label: "tokencast.tee")
    let pending = Atomic<Int>(0)

    /// - Parameters:
    ///   - directory: made, parents included, where it isn't there.
    ///   - formats: what is written of each stream.
    ///   - report: called once for a stream whose files can't be written, with the reason.
    public init(directory: String, formats: [Format], report: @escaping @Sendable (String) -> Void) {
        self.directory = directory
        self.formats = formats
        self.report = report
    }

    /// The sink of one generation.
    public func makeSink() -> any GenerationSink { TeeSink(self) }

    /// Returns when all that came before is written.
    public func flush() async {
        await withCheckedContinuation { continuation in
            queue.async { continuation.resume() }
        }
    }
}

/// Hands the batches of one generation to the tee's queue. Confined to the generation's loop.
private final class TeeSink: GenerationSink {
    private let tee: Tee
    private let files: TeeFiles
    private var next = 1
    private var isOver = false

    init(_ tee: Tee) {
        self.tee = tee
        files = TeeFiles(tee)
    }

    func append(_ batch: EventBatch) {
        guard !isOver else { return }
        let first = next
        next += batch.content.events.count
        let size = 256 + batch.content.bytes.count
        let files = self.files
        let tee = self.tee
        guard tee.pending.wrappingAdd(size, ordering: .relaxed).newValue <= Tee.maximumPending else {
            tee.pending.wrappingSubtract(size, ordering: .relaxed)
            isOver = true
            tee.queue.async { files.giveUp("the disk doesn't keep up") }
            return
        }
        tee.queue.async {
            files.write(batch, first: first)
            tee.pending.wrappingSubtract(size, ordering: .relaxed)
        }
    }
}
