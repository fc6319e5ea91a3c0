/// The rows of a list of segments, in blocks: added at the end, dropped at the front, found by their place.
///
/// A log of a busy channel has tens of thousands of rows. One array of them would be half empty after each time that it
/// grew.
struct SegmentTable {
    struct Row {
        enum Content {
            case page(EventPage)
            case published(Publication)
        }

        /// The sequence number of its first event.
        let first: Int
        /// Nil once it is dropped.
        var content: Content?
        /// The bytes of all rows before it, since the log began.
        let offset: Int
        /// Where in the page the first event begins.
        let start: UInt32
        /// When it was last added to.
        var time: SegmentTime
    }

    private static let blockSize = 64

    /// All but the last are full.
    private var blocks: [ContiguousArray<Row>] = []
    /// How many rows of the first block are dropped.
    private var dropped = 0
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }

    /// What the rows themselves take in memory, room for more included.
    var storage: Int {
        guard blocks.count > 1 else { return (blocks.first?.capacity ?? 0) * MemoryLayout<Row>.stride }
        return blocks.count * Self.blockSize * MemoryLayout<Row>.stride
    }

    subscript(index: Int) -> Row {
        let place = dropped + index
        return blocks[place / Self.blockSize][place % Self.blockSize]
    }

    /// What most want to know of the first row, of which there must be one.
    private(set) var front = (first: 1, offset: 0)

    mutating func append(_ row: Row) {
        if blocks.last.map({ $0.count == Self.blockSize }) ?? true {
            blocks.append([])
            if blocks.count > 1 { blocks[blocks.count - 1].reserveCapacity(Self.blockSize) }
        }
        blocks[blocks.count - 1].append(row)
        if isEmpty { front = (row.first, row.offset) }
        count += 1
    }

    /// The last row was added to.
    mutating func touchLast(_ time: SegmentTime) {
        let block = blocks.count - 1
        blocks[block][blocks[block].count - 1].time = time
    }

    mutating func removeFirst() {
        guard !isEmpty else { return }
        blocks[0][dropped].content = nil
        dropped += 1
        count -= 1
        if dropped == blocks[0].count {
            blocks.removeFirst()
            dropped = 0
        }
        if !isEmpty { front = (self[0].first, self[0].offset) }
    }
}
