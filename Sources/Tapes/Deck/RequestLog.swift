/// The last requests of each scope. What it holds is bounded in number and in bytes; what is let go is counted.
struct RequestLog: Sendable {
    private struct Entry: Sendable {
        var number: Int
        var source: LoggedRequest.Source
        var outcome: LoggedRequest.Outcome
        var isBodyDropped = false

        /// About what it takes, the body apart.
        var size: Int { 512 + source.live.path.utf8.count + source.live.query.utf8.count + headerSize }

        private var headerSize: Int {
            source.live.headers.reduce(0) { $0 + 32 + $1.name.utf8.count + $1.value.utf8.count }
        }
    }

    private struct Shelf: Sendable {
        /// The kept ones from `start` on, in the order of their numbers.
        var entries: [Entry] = []
        var start = 0
        var dropped = 0

        var count: Int { entries.count - start }
        var oldest: Int? { start < entries.count ? entries[start].number : nil }

        /// Lets the oldest go, which must be there.
        mutating func removeOldest() -> Entry {
            let entry = entries[start]
            entries[start].source.live = LiveRequest(method: "", path: "")
            start += 1
            dropped += 1
            if start > 256, start > entries.count / 2 {
                entries.removeSubrange(..<start)
                start = 0
            }
            return entry
        }
    }

    /// An entry in the order of age over all scopes; it may be gone by now.
    private struct Token {
        var number: Int
        var scope: TapeScope?
    }

    private var shelves: [TapeScope?: Shelf] = [:]
    private(set) var lastNumber: Int
    /// Whose bodies are let go next, the oldest first, from `nextBody` on; likewise for whole entries.
    private var tokens: [Token] = []
    private var nextBody = 0
    private var nextEntry = 0
    private var keptCount = 0
    private var bodyBytes = 0
    private var entryBytes = 0
    private let limits: Limits

    struct Limits: Sendable {
        /// So many are kept of each scope.
        var entries = 1000
        /// So many bytes of bodies are kept in all.
        var bodies = 32 << 20
        /// So many bytes of all else.
        var rest = 32 << 20
    }

    /// - Parameter number: the last one that was given out before.
    init(limits: Limits = Limits(), after number: Int = 0) {
        self.limits = limits
        lastNumber = number
    }

    /// Keeps a request; returns its number.
    mutating func add(_ source: LoggedRequest.Source, _ outcome: LoggedRequest.Outcome) -> Int {
        lastNumber += 1
        let entry = Entry(number: lastNumber, source: source, outcome: outcome)
        shelves[source.scope, default: Shelf()].entries.append(entry)
        tokens.append(Token(number: lastNumber, scope: source.scope))
        keptCount += 1
        bodyBytes += source.live.body.count
        entryBytes += entry.size
        while shelves[source.scope]?.count ?? 0 > limits.entries { dropOldest(source.scope) }
        while bodyBytes > limits.bodies, nextBody < tokens.count {
            dropBody(tokens[nextBody])
            nextBody += 1
        }
        while entryBytes > limits.rest, nextEntry < tokens.count {
            let token = tokens[nextEntry]
            nextEntry += 1
            while let oldest = shelves[token.scope]?.oldest, oldest <= token.number { dropOldest(token.scope) }
        }
        tidy()
        return lastNumber
    }

    /// Says what became of a request, if it is still kept.
    mutating func update(_ number: Int, scope: TapeScope?, _ outcome: LoggedRequest.Outcome) {
        guard let index = find(number, scope) else { return }
        shelves[scope]?.entries[index].outcome = outcome
    }

    /// Forgets a scope.
    mutating func remove(_ scope: TapeScope?) {
        while shelves[scope]?.oldest != nil { dropOldest(scope) }
        shelves[scope] = nil
    }

    /// The kept requests of a scope in the order they came in, or of all scopes; and how many were let go.
    func requests(in scope: TapeScope??) -> (kept: [LoggedRequest], dropped: Int) {
        let chosen: [Shelf] =
            switch scope {
            case .none: Array(shelves.values)
            case .some(let scope): shelves[scope].map { [$0] } ?? []
            }
        let kept = chosen.flatMap { $0.entries[$0.start...] }.sorted { $0.number < $1.number }
        return (kept.map(Self.public), chosen.reduce(0) { $0 + $1.dropped })
    }

    var tokenCount: Int { tokens.count }

    private static func `public`(_ entry: Entry) -> LoggedRequest {
        LoggedRequest(
            number: entry.number,
            time: entry.source.time,
            scope: entry.source.scope,
            request: TapeRequest(entry.source.live, secrets: entry.source.secrets),
            isBodyDropped: entry.isBodyDropped,
            outcome: entry.outcome
        )
    }

    // MARK: Letting go

    private mutating func dropOldest(_ scope: TapeScope?) {
        guard let entry = shelves[scope]?.removeOldest() else { return }
        keptCount -= 1
        bodyBytes -= entry.source.live.body.count
        entryBytes -= entry.size
    }

    private mutating func dropBody(_ token: Token) {
        guard let index = find(token.number, token.scope), let entry = shelves[token.scope]?.entries[index],
            !entry.source.live.body.isEmpty
        else { return }
        bodyBytes -= entry.source.live.body.count
        shelves[token.scope]?.entries[index].source.live.body = []
        shelves[token.scope]?.entries[index].isBodyDropped = true
    }

    /// Forgets the tokens of what is gone, now and then.
    private mutating func tidy() {
        guard tokens.count > 4096, tokens.count > 2 * keptCount else { return }
        let kept = tokens.enumerated().filter { find($0.element.number, $0.element.scope) != nil }
        nextBody = kept.count { $0.offset < nextBody }
        nextEntry = 0
        tokens = kept.map(\.element)
    }

    /// Where an entry stands on its shelf: numbers grow along it.
    private func find(_ number: Int, _ scope: TapeScope?) -> Int? {
        guard let shelf = shelves[scope] else { return nil }
        var (low, high) = (shelf.start, shelf.entries.count)
        while low < high {
            let middle = (low + high) / 2
            if shelf.entries[middle].number < number { low = middle + 1 } else { high = middle }
        }
        return low < shelf.entries.count && shelf.entries[low].number == number ? low : nil
    }
}
