extension Hub {
    /// A part of a listing.
    public struct Page: Sendable {
        public var streams: [StreamRecord]
        /// Where the next page begins; nil where this is the last.
        public var next: StreamID?
    }

    /// Lists streams, newest first: those that run, and those that are kept behind their end.
    ///
    /// - Parameters:
    ///   - cursor: the last stream of the page before, which need not be there any more; nil for the first page.
    ///   - limit: how many at most.
    ///   - isWanted: whether a stream is to be listed. Called without any lock held.
    public func streams(
        before cursor: StreamID? = nil,
        limit: Int,
        matching isWanted: (StreamRecord) -> Bool = { _ in true }
    ) -> Page {
        let ordered = orderedStreams
        var page = Page(streams: [])
        var index = cursor.map { StreamTable.place(of: $0, in: ordered) } ?? ordered.count
        while index > 0 {
            index -= 1
            let record = ordered[index]
            guard isWanted(record) else { continue }
            guard page.streams.count < limit else {
                page.next = page.streams.last?.id
                break
            }
            page.streams.append(record)
        }
        return page
    }
}
