/// What waits for the recorder's writer, in the order in which it came.
///
/// It lies in blocks that are used again, so that recording at speed makes no room and lets none go, and what is written is
/// still in the processor's caches.
struct RecordingBacklog: Sendable {
    struct Block: Sendable {
        var items: [RecordingQueue.Item] = []
        var chunks = RecordedChunks(capacity: RecordingBacklog.blockSize)

        /// The size of its chunks, with their borders.
        var size: Int { chunks.cost }

        /// Empties it, which lets go of recordings that are over.
        mutating func removeAll() {
            items.removeAll(keepingCapacity: true)
            if size > RecordingBacklog.blockSize { chunks = RecordedChunks(capacity: RecordingBacklog.blockSize) }
            chunks.recycle()
        }
    }

    private(set) var blocks: [Block] = []
    private var spares: [Block] = []
    /// The cost of what is in it.
    private(set) var cost = 0

    private static let blockSize = 256 << 10
    private static let spareLimit = 16
    /// What an item costs beside its bytes.
    private static let overhead = 64

    var isEmpty: Bool { blocks.isEmpty }

    static func cost(_ bytes: Int) -> Int { bytes + overhead }

    /// Adds a step.
    ///
    /// - Parameter bytes: how much memory it holds.
    mutating func append(_ sink: RecordingSink?, _ step: RecordingQueue.Step, bytes: Int) {
        makeRoom(for: 0)
        blocks[blocks.count - 1].items.append(RecordingQueue.Item(sink: sink, step: step))
        cost += Self.cost(bytes)
    }

    /// Adds chunks, which are copied.
    mutating func append(_ sink: RecordingSink, _ chunks: RecordedChunks) {
        makeRoom(for: chunks.cost)
        let last = blocks.count - 1
        let range = blocks[last].chunks.append(chunks)
        blocks[last].items.append(RecordingQueue.Item(sink: sink, step: .chunks(range)))
        cost += Self.cost(chunks.cost)
    }

    private mutating func makeRoom(for bytes: Int) {
        if let last = blocks.last, last.size == 0 || last.size + bytes <= Self.blockSize { return }
        blocks.append(spares.popLast() ?? Block())
    }

    /// Takes all that is in it.
    mutating func take() -> [Block] {
        defer {
            blocks = []
            cost = 0
        }
        return blocks
    }

    /// Takes back empty blocks, as many as are worth keeping.
    mutating func recycle(_ done: inout [Block]) {
        while spares.count < Self.spareLimit, let block = done.popLast() { spares.append(block) }
    }

    /// Lets go of the room that isn't used.
    mutating func trim() { spares = [] }
}
