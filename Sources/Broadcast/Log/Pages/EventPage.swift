/// A stretch of memory with events of one stream, packed, one batch behind the other.
///
/// `@unchecked Sendable`: the stream's loop alone appends, and gives nobody a part that isn't written yet. What is written
/// never changes.
final class EventPage: @unchecked Sendable {
    let info: StreamInfo
    let capacity: Int
    /// How much is written. On the stream's loop only.
    private(set) var used = 0
    private let memory: UnsafeMutableRawPointer
    private let held: HeldBytes?

    /// About what a page takes beside its bytes: the object, and what the allocator keeps of both.
    private static let overhead = 80

    /// - Parameter held: where its bytes are counted while it lives; nil for nowhere.
    init(_ info: StreamInfo, capacity: Int, held: HeldBytes? = nil) {
        self.info = info
        self.capacity = capacity
        self.held = held
        memory = .allocate(byteCount: capacity, alignment: 1)
        held?.add(capacity + Self.overhead)
    }

    deinit {
        memory.deallocate()
        held?.subtract(capacity + Self.overhead)
    }

    /// Appends packed events, for which there must be room; returns where they begin.
    func append(_ packed: UnsafeRawBufferPointer) -> Int {
        precondition(packed.count <= capacity - used)
        let start = used
        if let bytes = packed.baseAddress { (memory + start).copyMemory(from: bytes, byteCount: packed.count) }
        used += packed.count
        return start
    }

    @inline(__always)
    func byte(at offset: Int) -> UInt8 {
        memory.load(fromByteOffset: offset, as: UInt8.self)
    }

    /// The bytes of a range, which must be written.
    func bytes(_ range: Range<Int>) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: memory + range.lowerBound, count: range.count)
    }
}
