import Dialects

/// Where one stream's batches go: small ones share a page, large ones have one of their own. On the stream's loop only.
///
/// A page is a sixteenth of what the stream has by then, so that what lies idle behind a stream's last event is little
/// whatever its length.
struct EventPages {
    private var page: EventPage?
    private var total = 0
    private let held: HeldBytes?

    private static let smallest = 2 << 10
    private static let largest = 16 << 10

    /// - Parameter held: where pages are counted; nil for nowhere.
    init(held: HeldBytes? = nil) { self.held = held }

    /// Keeps what came in one turn.
    ///
    /// - Parameters:
    ///   - offset: microseconds from the start of the request.
    ///   - summary: of the stream, where its end is among the events.
    ///   - packer: that loop's.
    mutating func seal(
        _ buffer: borrowing EventBuffer,
        _ info: StreamInfo,
        offset: Int,
        summary: StreamSummary? = nil,
        by packer: EventPacker
    ) -> EventBatch {
        let packed = packer.pack(buffer, summary, milliseconds: offset / 1000)
        let isFirst = if case .start = buffer.events.first { true } else { false }
        let isLast = if case .end = buffer.events.last { true } else { false }
        let page = self.page(for: packed.count, info, isLast: isLast)
        let start = page.append(packed)
        total += packed.count
        return EventBatch(
            run: EventRun(page: page, start: start, count: buffer.events.count),
            byteCount: packed.count,
            offset: offset,
            isFirst: isFirst,
            isLast: isLast
        )
    }

    private mutating func page(for size: Int, _ info: StreamInfo, isLast: Bool) -> EventPage {
        if let page, page.capacity - page.used >= size { return page }
        let planned = min(max(total / 16, Self.smallest), Self.largest)
        // One that fills most of a page has nobody to share it with, nor has a stream's last.
        guard size <= planned / 2, !isLast else { return EventPage(info, capacity: size, held: held) }
        // As many as go into it, should those to come be like this one; they differ by the length of their texts.
        let page = EventPage(info, capacity: planned / size * size + 16, held: held)
        self.page = page
        return page
    }
}
