/// Chunks of bodies, back to back: those of one body that came in one turn of an event loop, to be handed to the recorder
/// at once, and there those of all bodies that wait to be written.
///
/// A turn costs one hand-over and no allocation, and the borders stay.
public struct RecordedChunks: Sendable {
    /// Where each chunk ends in `bytes`, and its offset in microseconds.
    private(set) var ends: [(offset: Int64, end: Int)] = []
    private(set) var bytes: [UInt8] = []

    /// More room than this isn't kept from turn to turn.
    private static let keptCapacity = 64 << 10

    public init() {}

    /// Room for so many bytes.
    init(capacity: Int) { bytes.reserveCapacity(capacity) }

    public var isEmpty: Bool { ends.isEmpty }

    /// What they take in memory: tiny ones have more borders than bytes.
    var cost: Int { bytes.count + ends.count * MemoryLayout<(offset: Int64, end: Int)>.stride }

    var lastOffset: Int64 { ends.last?.offset ?? 0 }

    /// Adds a chunk, decoded, as one write callback delivered it.
    public mutating func append(offset: Int64, _ chunk: UnsafeRawBufferPointer) {
        bytes.append(contentsOf: chunk)
        ends.append((offset, bytes.count))
    }

    /// Adds others behind these; gives back where they stand in `ends`.
    mutating func append(_ others: RecordedChunks) -> Range<Int> {
        let first = ends.count
        let base = bytes.count
        bytes.append(contentsOf: others.bytes)
        for other in others.ends { ends.append((other.offset, base + other.end)) }
        return first..<ends.count
    }

    /// Where the bytes of a chunk begin.
    func start(of chunk: Int) -> Int { chunk == 0 ? 0 : ends[chunk - 1].end }

    /// Makes place for the next turn's.
    public mutating func removeAll() {
        ends.removeAll(keepingCapacity: bytes.capacity <= Self.keptCapacity)
        bytes.removeAll(keepingCapacity: bytes.capacity <= Self.keptCapacity)
    }

    /// As ``removeAll()``, with all of the room kept.
    mutating func recycle() {
        ends.removeAll(keepingCapacity: true)
        bytes.removeAll(keepingCapacity: true)
    }
}
