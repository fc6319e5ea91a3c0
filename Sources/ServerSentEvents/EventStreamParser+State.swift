/// The start of the stream, and what is forgotten when.
extension EventStreamParser {
    /// Buffers up to this size are kept for the next line or event, so that one giant doesn't cost its memory for good.
    static var keptCapacity: Int { 64 << 10 }

    /// Swallows a byte order mark at the start of the stream, which a cut may have split.
    ///
    /// - Returns: where the first line starts in this chunk.
    mutating func skipByteOrderMark(_ bytes: RawSpan) -> Int {
        var index = 0
        while let matched = byteOrderMark, index < bytes.byteCount {
            guard bytes.byte(at: index) == Self.byteOrderMarkBytes(matched) else {
                // Another character with the same first bytes: they belong to the first line.
                restoreByteOrderMark()
                return index
            }
            index += 1
            byteOrderMark = matched == 2 ? nil : matched + 1
        }
        return index
    }

    /// Gives swallowed bytes that turned out to be no byte order mark to the first line.
    mutating func restoreByteOrderMark() {
        for matched in 0..<(byteOrderMark ?? 0) { line.append(Self.byteOrderMarkBytes(matched)) }
        byteOrderMark = nil
    }

    /// Readies for the next event.
    @inline(__always)
    mutating func forgetEvent() {
        if !name.isEmpty { name.removeAll(keepingCapacity: name.capacity <= Self.keptCapacity) }
        if !data.isEmpty { data.removeAll(keepingCapacity: data.capacity <= Self.keptCapacity) }
        hasData = false
        hasFields = false
    }

    /// Drops all that is half received.
    mutating func drop() {
        line = []
        name = []
        data = []
        newID = nil
        skipsLineFeed = false
        byteOrderMark = nil
        hasData = false
        hasFields = false
    }

    private static func byteOrderMarkBytes(_ index: Int) -> UInt8 {
        switch index {
        case 0: 0xEF
        case 1: 0xBB
        default: 0xBF
        }
    }
}
