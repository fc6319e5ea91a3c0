import NIOCore

/// A channel's generations in the order of their starts, those that are kept still. Confined to the channel's loop.
struct ChannelStreams {
    private struct Entry {
        let id: StreamID
        /// Held by the node as long as it is kept.
        weak var log: EventLog?
    }

    private var entries: CircularBuffer<Entry> = []

    mutating func append(_ log: EventLog) {
        while let first = entries.first, first.log == nil { entries.removeFirst() }
        entries.append(Entry(id: log.epoch, log: log))
    }

    func log(of id: StreamID) -> EventLog? {
        entries.last { $0.id == id }?.log
    }

    /// The next that is kept of those that started after `id`; nil where there is none, or `id` isn't known.
    func next(after id: StreamID) -> EventLog? {
        guard let index = entries.lastIndex(where: { $0.id == id }) else { return nil }
        return entries[entries.index(after: index)...].lazy.compactMap(\.log).first
    }

    /// Whether the stream began here, and was kept until the last start.
    func contains(_ id: StreamID) -> Bool { entries.contains { $0.id == id } }
}
