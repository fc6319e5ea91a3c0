public import Dialects

/// Events of one stream that came in one turn of its event loop: sealed, immutable, shared by every log and loop.
public struct EventBatch: Sendable {
    /// Where they are kept.
    let run: EventRun
    /// How many bytes they take there, frames included.
    public let byteCount: Int
    /// Microseconds from the start of the request to the last byte of this batch.
    public let offset: Int
    /// Whether the stream's `start` is in it.
    let isFirst: Bool
    /// Whether the stream's `end` is in it.
    let isLast: Bool

    public var info: StreamInfo { run.page.info }
    public var count: Int { run.count }

    /// What the stream came to; nil where its end isn't in this batch.
    public var summary: StreamSummary? {
        guard isLast, count > 0 else { return nil }
        var cursor = run.cursor(skipping: count - 1)
        _ = cursor.next()
        return cursor.summary()
    }

    /// Its events in order, made anew for each who asks.
    public var events: [TokenEvent] {
        var cursor = run.cursor()
        return (0..<count).map { _ in cursor.next() }
    }
}

/// Events that lie one behind the other in a page: what came in one turn, or in several.
struct EventRun: Sendable {
    let page: EventPage
    /// Where in the page the first begins.
    let start: Int
    let count: Int

    /// - Parameter skipped: how many events it has passed, at most all.
    func cursor(skipping skipped: Int = 0) -> EventCursor {
        var cursor = EventCursor(page, at: start)
        for _ in 0..<skipped { cursor.skip() }
        return cursor
    }
}
