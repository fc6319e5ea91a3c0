/// Chunks of one body that came in one turn of an event loop, to be handed to the recorder at once.
///
/// Their bytes lie back to back: a turn costs one hand-over and no allocation per chunk, and the borders stay.
public struct RecordedChunks: Sendable {
    /// Where each chunk ends in `bytes`, and its offset in microseconds.
    private(set) var ends: [(offset: Int64, end: Int)] = []
    private(set) var bytes: [UInt8] = []

    public init() {}

    public var isEmpty: Bool { ends.isEmpty }

    var lastOffset: Int64 { ends.last?.offset ?? 0 }

    /// Adds a chunk, decoded, as one write callback delivered it.
    public mutating func append(offset: Int64, _ chunk: UnsafeRawBufferPointer) {
        bytes.append(contentsOf: chunk)
        ends.append((offset, bytes.count))
    }

    /// Calls `body` with each chunk, in order.
    func each(_ body: (Int64, [UInt8]) -> Void) {
        // What came alone needs no copy.
        if ends.count == 1 { return body(lastOffset, bytes) }
        var start = 0
        for (offset, end) in ends {
            body(offset, Array(bytes[start..<end]))
            start = end
        }
    }
}
