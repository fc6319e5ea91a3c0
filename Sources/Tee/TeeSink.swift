import Broadcast
import Dialects
import Dispatch
import NIOCore
import Synchronization

/// Hands what a generation says to the tee's queue. Confined to the generation's loop.
final class TeeSink: GenerationSink {
    private let tee: Tee
    private let stream: TeeStream
    private let takesBytes: Bool
    private var next = 1
    private var isOver = false

    init(_ tee: Tee, _ request: TeeStreamRequest) {
        self.tee = tee
        stream = TeeStream(tee, request)
        takesBytes = tee.formats.contains(.raw)
    }

    func append(_ batch: EventBatch) {
        let first = next
        next += batch.count
        let info = batch.info
        enqueue(256 + batch.byteCount) { stream in
            stream.begin(info.id, created: info.created, status: info.status)
            stream.take(batch, first: first)
        }
    }

    func append(_ bytes: ByteBuffer, of generation: Generation) {
        guard takesBytes else { return }
        let (id, created, status) = (generation.id, generation.created, generation.status)
        let contentType = generation.contentType
        enqueue(256 + bytes.readableBytes) { stream in
            stream.begin(id, created: created, status: status)
            stream.take(Array(bytes.readableBytesView), contentType: contentType)
        }
    }

    func finish() {
        guard !isOver else { return }
        isOver = true
        let stream = self.stream
        tee.queue.async { stream.finish() }
    }

    private func enqueue(_ size: Int, _ work: @escaping @Sendable (TeeStream) -> Void) {
        guard !isOver, !stream.isOver else { return }
        let (tee, stream) = (self.tee, self.stream)
        guard tee.pending.wrappingAdd(size, ordering: .relaxed).newValue <= Tee.maximumPending else {
            tee.pending.wrappingSubtract(size, ordering: .relaxed)
            isOver = true
            // Said at once: what the queue is stuck in may never end.
            stream.giveUp("what takes it doesn't keep up")
            tee.queue.async { stream.close() }
            return
        }
        tee.queue.async {
            work(stream)
            tee.pending.wrappingSubtract(size, ordering: .relaxed)
        }
    }
}
