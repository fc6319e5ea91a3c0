import Dialects

/// What the generations of one event loop use while a turn lasts, and hand on to each other: a stream that waits for its
/// next token holds none of it.
///
/// `@unchecked Sendable`: confined to its loop.
final class TurnMemory: @unchecked Sendable {
    let packer = EventPacker()
    /// Not checked at run time, as both uses of it are in sight.
    @exclusivity(unchecked) private var buffers: [EventBuffer] = []

    /// How many buffers are kept, and up to what size: most turns have a few generations with a few kilobytes each.
    private static let maximumBuffers = 8
    private static let maximumBytes = 64 << 10

    /// An empty buffer that was used before; nil where there is none.
    func lend() -> EventBuffer? { buffers.popLast() }

    /// Takes a buffer whose events are kept elsewhere.
    func takeBack(_ buffer: consuming EventBuffer) {
        guard buffers.count < Self.maximumBuffers, buffer.bytes.capacity <= Self.maximumBytes else { return }
        buffer.reuse()
        buffers.append(buffer)
    }
}
