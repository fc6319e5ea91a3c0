import Dialects

/// Packs what came in a turn. It keeps the memory that it does it in, and is confined to one event loop.
final class EventPacker {
    private var memory = UnsafeMutableRawBufferPointer(start: nil, count: 0)

    /// What is kept from turn to turn, in bytes.
    private static let kept = 64 << 10

    init() {}

    deinit { memory.deallocate() }

    /// - Returns: the packed events, until the next call.
    func pack(_ buffer: borrowing EventBuffer, _ summary: StreamSummary?) -> UnsafeRawBufferPointer {
        let bound = Self.bound(buffer, summary)
        if memory.count < bound || memory.count > Self.kept && bound <= Self.kept {
            memory.deallocate()
            memory = .allocate(byteCount: max(bound, 1024), alignment: 1)
        }
        guard let base = memory.baseAddress else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        let size = Self.write(buffer, summary, to: base)
        precondition(size <= bound)
        return UnsafeRawBufferPointer(start: base, count: size)
    }

    private static func write(
        _ buffer: borrowing EventBuffer,
        _ summary: StreamSummary?,
        to memory: UnsafeMutableRawPointer
    ) -> Int {
        var writer = PackedWriter(memory)
        var next = 0
        let events = buffer.events.span
        let count = events.count
        buffer.bytes.withUnsafeBytes { bytes in
            for frame in buffer.frames {
                // What belongs to no frame, and stands before one, is told with it.
                let end = min(max(Int(frame.lastEvent) + 1, next), count)
                writer.append(frame, of: bytes, eventCount: end - next)
                for index in next..<end { writer.append(events[index], summary) }
                next = end
            }
        }
        writer.leaveFrame()
        for index in next..<count { writer.append(events[index], summary) }
        return writer.position
    }

    // MARK: Bounds

    /// No fewer bytes than it takes.
    private static func bound(_ buffer: borrowing EventBuffer, _ summary: StreamSummary?) -> Int {
        let head = 1 + 3 * PackedEvent.longestNumber
        var bound = buffer.bytes.count + buffer.frames.count * head
        let events = buffer.events.span
        for index in events.indices { bound += events[index].packedBound }
        return bound + size(summary?.finish) + (summary?.usage?.packedBound ?? 0) + 2
    }

    private static func size(_ text: String?) -> Int { PackedEvent.longestNumber + (text?.utf8.count ?? 0) }
}

extension TokenUsage {
    fileprivate var packedBound: Int { 8 + 7 * (1 + PackedEvent.longestNumber) + raw.utf8.count }
}

extension TokenEvent {
    /// No fewer bytes than it takes in a page.
    fileprivate var packedBound: Int {
        switch self {
        case .opaque: 1
        case .delta(let delta): 1 + 6 * PackedEvent.longestNumber + delta.textSize
        case .start(let start), .restart(let start): 1 + bound(start.id) + bound(start.model)
        case .usage(let usage): 1 + usage.packedBound
        case .finish(_, let reason): 1 + PackedEvent.longestNumber + bound(reason.raw) + bound(reason.kind.rawValue)
        case .end(let end):
            3 + PackedEvent.longestNumber + bound(end.state.rawValue) + bound(end.terminal)
                + bound(end.error?.message) + bound(end.error?.type) + bound(end.error?.code)
        }
    }

    private func bound(_ text: String?) -> Int { 2 * PackedEvent.longestNumber + (text?.utf8.count ?? 0) }
}
