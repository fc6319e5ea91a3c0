import Synchronization

/// The recording of one interaction. Each call only enqueues: nothing here waits for a disk.
///
/// Calls come in the order in which things happened; offsets are microseconds since the request went out. What comes
/// after the end, or after the recorder gave up, is ignored. A recording that is let go without an end leaves a
/// `.part`.
public final class TapeRecording: Sendable {
    private let queue: RecordingQueue
    private let sink: RecordingSink
    private let lastOffset = Atomic<Int64>(0)

    init(queue: RecordingQueue, sink: RecordingSink) {
        self.queue = queue
        self.sink = sink
    }

    deinit {
        if !sink.hasEnded.load(ordering: .relaxed) { _ = queue.enqueue(sink, .abandon, mustFit: true) }
    }

    /// Whether what comes is still recorded: neither has it ended nor did the writer give it up. A recording that isn't
    /// active keeps no upstream alive.
    public var isActive: Bool { !sink.hasEnded.load(ordering: .relaxed) }

    /// Enqueues the request; false where the queue doesn't take it.
    func begin(_ request: LiveRequest) -> Bool {
        let isTaken = queue.enqueue(sink, .begin(request), bytes: request.body.count)
        if !isTaken { sink.hasEnded.store(true, ordering: .relaxed) }
        return isTaken
    }

    /// The head of the response. Headers are stored by an allow-list.
    public func response(
        offset: Int64,
        status: Int,
        headers: [(name: String, value: String)],
        httpVersion: String = "1.1"
    ) {
        let fields = headers.map { TapeField($0.name, $0.value) }
        let bytes = fields.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count }
        enqueue(
            .response(Tape.Response(offset: offset, status: status, headers: fields, httpVersion: httpVersion)),
            offset: offset,
            bytes: bytes
        )
    }

    /// A piece of the body, decoded, as one write callback delivered it.
    public func chunk(offset: Int64, bytes: [UInt8]) {
        var chunks = RecordedChunks()
        bytes.withUnsafeBytes { chunks.append(offset: offset, $0) }
        self.chunks(chunks)
    }

    /// Pieces of the body that came together; they are copied.
    public func chunks(_ chunks: RecordedChunks) {
        guard !chunks.isEmpty, isActive else { return }
        settle(queue.enqueue(sink, chunks), offset: chunks.lastOffset)
    }

    /// Something worth knowing that is never replayed: `client_cancel`.
    public func marker(offset: Int64, name: String) {
        enqueue(.marker(offset: offset, name: name), offset: offset, bytes: name.utf8.count)
    }

    /// The end. The recorder fills in the counts and the digest.
    public func finish(offset: Int64, _ end: TapeEnd) {
        guard !sink.hasEnded.exchange(true, ordering: .relaxed) else { return }
        let bytes = (end.text?.utf8.count ?? 0) + (end.usage?.utf8.count ?? 0)
        _ = queue.enqueue(sink, .end(offset: offset, end), bytes: bytes, mustFit: true)
    }

    private func enqueue(_ step: RecordingQueue.Step, offset: Int64, bytes: Int) {
        guard isActive else { return }
        settle(queue.enqueue(sink, step, bytes: bytes), offset: offset)
    }

    /// Ends the recording where the queue was full.
    private func settle(_ isTaken: Bool, offset: Int64) {
        if isTaken {
            lastOffset.store(offset, ordering: .relaxed)
        } else {
            finish(offset: lastOffset.load(ordering: .relaxed), TapeEnd(reason: .recorderOverflow))
        }
    }
}
