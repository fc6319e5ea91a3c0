/// Tells the parts of binary messages in a body that comes in chunks cut anywhere; it keeps nothing but a prelude.
package struct AWSEventStreamCursor: Sendable {
    package enum Part: Sendable, Hashable {
        case prelude, headers, payload, checksum
        /// Behind a prelude that is none: nothing can be told any more.
        case unknown
    }

    /// A run of bytes within a chunk that belong to one part.
    package struct Run: Sendable {
        package var part: Part
        package var range: Range<Int>
        /// Where the first of them stands in its message.
        package var offset: Int
        /// Whether the message ends with them.
        package var endsMessage: Bool
    }

    private var prelude: [UInt8] = []
    private var layout: AWSEventStreamLayout?
    private var position = 0
    private var isLost = false

    package init() {}

    /// The run that begins at an offset; nil at the chunk's end.
    package mutating func next(in bytes: RawSpan, from start: Int) -> Run? {
        guard start < bytes.byteCount else { return nil }
        if isLost { return Run(part: .unknown, range: start..<bytes.byteCount, offset: 0, endsMessage: false) }
        let (part, end) = place
        let range = start..<start + min(end - position, bytes.byteCount - start)
        let offset = position
        position += range.count
        if part == .prelude {
            prelude.append(bytes, range)
            if position == end { readPrelude() }
        }
        let endsMessage = position == layout?.length
        if endsMessage {
            position = 0
            layout = nil
        }
        return Run(part: part, range: range, offset: offset, endsMessage: endsMessage)
    }

    /// The part that comes next, and where in the message it ends. One that is empty is passed over.
    private var place: (Part, end: Int) {
        guard let layout else { return (.prelude, AWSEventStreamLayout.preludeLength) }
        if position < layout.headers.upperBound { return (.headers, layout.headers.upperBound) }
        if position < layout.payload.upperBound { return (.payload, layout.payload.upperBound) }
        return (.checksum, layout.length)
    }

    private mutating func readPrelude() {
        layout = try? AWSEventStreamLayout(prelude.span.bytes, at: 0, limit: .max)
        isLost = layout == nil
        prelude.removeAll(keepingCapacity: true)
    }
}
