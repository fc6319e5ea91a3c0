import NIOCore

/// What one round of the curl thread has for one event loop: handed over in a single `execute`.
///
/// The chunks' bytes lie back to back in one buffer; each is sliced out of it again, so batching never merges chunks.
struct Outbox {
    struct Record {
        /// What is rare is boxed, so that a chunk's record is cheap to hand on.
        enum Kind {
            indirect case head(UpstreamHead)
            case chunk(count: Int, offset: Int)
            case bodyConsumed(Int)
            indirect case end(UpstreamFailure?, offset: Int)
        }

        let transfer: UpstreamTransfer
        let kind: Kind
    }

    let eventLoop: any EventLoop
    private var records: [Record] = []
    private var bytes = ByteBuffer()
    /// What the last rounds needed, so that a round's buffer is allocated once.
    private var expectedBytes = 1024

    init(eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    mutating func append(_ kind: Record.Kind, for transfer: UpstreamTransfer) {
        records.append(Record(transfer: transfer, kind: kind))
    }

    mutating func append(chunk: UnsafeRawBufferPointer, offset: Int, for transfer: UpstreamTransfer) {
        if bytes.capacity == 0 { bytes.reserveCapacity(max(expectedBytes, chunk.count)) }
        bytes.writeBytes(chunk)
        records.append(Record(transfer: transfer, kind: .chunk(count: chunk.count, offset: offset)))
    }

    /// Hands over what has gathered; returns whether there was anything.
    mutating func flush() -> Bool {
        guard !records.isEmpty else { return false }
        let batch = Batch(records: records, bytes: bytes)
        expectedBytes = min(max(bytes.readableBytes, 512), 1 << 20)
        records = []
        bytes = ByteBuffer()
        eventLoop.execute { batch.deliver() }
        return true
    }

    /// `@unchecked Sendable`: made on the curl thread, then read on the event loop alone.
    private struct Batch: @unchecked Sendable {
        let records: [Record]
        let bytes: ByteBuffer

        func deliver() {
            var rest = bytes
            var touched: [UpstreamTransfer] = []
            for record in records {
                record.transfer.deliver(record.kind, from: &rest)
                if !record.transfer.isTouched {
                    record.transfer.isTouched = true
                    touched.append(record.transfer)
                }
            }
            for transfer in touched { transfer.endTurn() }
        }
    }
}
