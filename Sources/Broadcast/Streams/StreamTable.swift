/// The streams of a node in the order of their ids, which is that of their beginnings.
struct StreamTable {
    private var found: [StreamID: StreamRecord] = [:]
    /// Oldest first.
    private(set) var ordered: ContiguousArray<StreamRecord> = []

    subscript(id: StreamID) -> StreamRecord? { found[id] }

    mutating func insert(_ record: StreamRecord) {
        guard found.updateValue(record, forKey: record.id) == nil else { return }
        // Ids are made before they get here, so that two may come in the wrong order; hardly ever more.
        var place = ordered.endIndex
        while place > 0, ordered[place - 1].id.description > record.id.description { place -= 1 }
        ordered.insert(record, at: place)
    }

    mutating func remove(_ id: StreamID) {
        guard found.removeValue(forKey: id) != nil else { return }
        ordered.remove(at: Self.place(of: id, in: ordered))
    }

    /// The index of the first stream that isn't older than `id`, whether it is there or not.
    static func place(of id: StreamID, in ordered: ContiguousArray<StreamRecord>) -> Int {
        var low = 0
        var high = ordered.count
        while low < high {
            let middle = (low + high) / 2
            if ordered[middle].id.description < id.description { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
