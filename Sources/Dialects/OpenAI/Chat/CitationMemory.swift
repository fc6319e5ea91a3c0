/// Which sources of a stream were told, so that each is told once, however often the server repeats it.
///
/// It keeps hashes, not the sources: these may be long. They are seeded anew in each process, so nobody can make two
/// sources that look the same.
struct CitationMemory: Sendable {
    private var told: Set<Int> = []
    private var lastLists = [0, 0]
    private var total = 0

    /// More sources than any answer has; a hostile stream's further ones aren't told.
    private static let maximum = 1024

    /// Whether a list differs from the one that stood at the same place of an earlier chunk.
    mutating func isNews(_ list: JSONSlice, in data: RawSpan, at place: Int) -> Bool {
        let hash = Self.hash(list, data)
        guard lastLists[place] != hash else { return false }
        lastLists[place] = hash
        return true
    }

    /// Remembers a source; false where it was told before.
    mutating func insert(_ source: JSONSlice, in data: RawSpan) -> Bool {
        guard told.count < Self.maximum else { return false }
        return told.insert(Self.hash(source, data)).inserted
    }

    /// Counts a source that is to be told; false where there are too many.
    mutating func count() -> Bool {
        guard total < Self.maximum else { return false }
        total += 1
        return true
    }

    private static func hash(_ value: JSONSlice, _ data: RawSpan) -> Int {
        var hasher = Hasher()
        data.extracting(value.range).withUnsafeBytes { hasher.combine(bytes: $0) }
        return hasher.finalize()
    }
}
