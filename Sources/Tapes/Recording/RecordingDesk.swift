/// What the recordings of a process share on the writer's thread.
struct RecordingDesk: ~Copyable {
    /// Where they make their lines, one recording after the other.
    var lines = LineBuffer()
    var numbers = TapeNumbers()
}

/// The numbers that names of tapes were given last.
struct TapeNumbers {
    private var last: [String: Int] = [:]

    private static let limit = 1024

    /// The number last given to a name with its directory; 0 where none is known.
    subscript(name: String) -> Int {
        get { last[name] ?? 0 }
        set {
            if last.count >= Self.limit, last[name] == nil { last.removeAll() }
            last[name] = newValue
        }
    }
}
