package import NIOCore

/// Memory for what is written in one turn of a loop, used again by the next: it is in the processor's caches, and nobody has to
/// be asked for it.
///
/// `@unchecked Sendable`: confined to its loop.
package final class LoopBuffers: @unchecked Sendable {
    /// Not checked for overlapping access at run time: both uses of it are in sight.
    @exclusivity(unchecked) private var buffers: [ByteBuffer] = []

    /// How many are kept, and up to what size in bytes: most turns write a few kilobytes to a few sockets.
    private static let most = 8
    private static let largest = 64 << 10

    /// An empty buffer, which has memory already where one was used before.
    package func lend() -> ByteBuffer { buffers.popLast() ?? ByteBuffer() }

    /// Takes a buffer that nobody else holds any more.
    package func takeBack(_ buffer: consuming ByteBuffer) {
        guard buffers.count < Self.most, (1...Self.largest).contains(buffer.capacity) else { return }
        buffer.clear()
        buffers.append(buffer)
    }
}
