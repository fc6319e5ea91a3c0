import NIOCore

/// What libcurl's callbacks brought in one round of a loop, until the receivers hear of it.
///
/// The chunks' bytes lie back to back in one buffer; each is sliced out of it again, so that gathering never merges chunks.
struct Outbox {
    struct Record {
        /// What is rare is boxed, so that a chunk's record is small.
        enum Kind {
            indirect case head(UpstreamHead)
            case chunk(count: Int, offset: Int)
            case bodyConsumed(Int)
            indirect case end(UpstreamFailure?, offset: Int)
        }

        let transfer: UpstreamTransfer
        let kind: Kind
    }

    private var records: [Record] = []
    private var bytes = ByteBuffer()
    private var touched: [UpstreamTransfer] = []

    var isEmpty: Bool { records.isEmpty }

    mutating func append(_ kind: Record.Kind, for transfer: UpstreamTransfer) {
        records.append(Record(transfer: transfer, kind: kind))
    }

    mutating func append(chunk: UnsafeRawBufferPointer, offset: Int, for transfer: UpstreamTransfer) {
        bytes.writeBytes(chunk)
        records.append(Record(transfer: transfer, kind: .chunk(count: chunk.count, offset: offset)))
    }

    /// What it may leave behind, in bytes, for the next round to use.
    private static let mostKept = 256 << 10

    fileprivate mutating func handOut() {
        for record in records {
            record.transfer.deliver(record.kind, from: &bytes)
            if !record.transfer.isTouched {
                record.transfer.isTouched = true
                touched.append(record.transfer)
            }
        }
        records.removeAll(keepingCapacity: true)
        for transfer in touched { transfer.endTurn() }
        touched.removeAll(keepingCapacity: true)
        guard bytes.capacity <= Self.mostKept else {
            bytes = ByteBuffer()
            return
        }
        // Where somebody kept a slice, this is another buffer.
        bytes.clear()
    }
}

extension CurlDriver {
    /// Tells the receivers what came; they may bring more about meanwhile, for which there is another outbox.
    func deliver() {
        guard !outbox.isEmpty, !isDelivering else { return }
        isDelivering = true
        swap(&outbox, &delivered)
        delivered.handOut()
        isDelivering = false
        // One of them has ended this driver: there is no other round.
        if isStopped { deliver() }
    }
}
