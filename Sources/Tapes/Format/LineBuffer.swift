/// Bytes of lines one behind the other, with room that is kept when they are gone.
///
/// An array would be asked for its room, and whether it is shared, at each of the few pieces that a line is made of.
struct LineBuffer: ~Copyable {
    private var storage = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    private(set) var count = 0

    /// More room than this is given back once it is empty.
    private static let longest = 1 << 20

    deinit { storage.deallocate() }

    func withBytes<Result, Failure>(_ body: (RawSpan) throws(Failure) -> Result) throws(Failure) -> Result {
        try body(RawSpan(_unsafeBytes: UnsafeRawBufferPointer(rebasing: storage[..<count])))
    }

    mutating func append(_ bytes: RawSpan) {
        bytes.withUnsafeBytes { bytes in
            append(atMost: bytes.count) { room in
                room.copyMemory(from: bytes)
                return bytes.count
            }
        }
    }

    /// Appends what `body` writes to a place of the given size.
    ///
    /// - Parameter body: returns how many bytes it has written.
    @inline(__always)
    mutating func append(atMost size: Int, _ body: (UnsafeMutableRawBufferPointer) -> Int) {
        if storage.count - count < size { grow(by: size) }
        count += body(UnsafeMutableRawBufferPointer(rebasing: storage[count..<count + size]))
    }

    mutating func removeAll() {
        count = 0
        guard storage.count > Self.longest else { return }
        storage.deallocate()
        storage = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    }

    private mutating func grow(by size: Int) {
        let larger = UnsafeMutableRawBufferPointer.allocate(
            byteCount: max(count + size, storage.count * 2, 1 << 10),
            alignment: 16
        )
        larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: storage[..<count]))
        storage.deallocate()
        storage = larger
    }
}
