import Dialects

/// The tapes of a cassette as they were loaded, found by scope and key.
struct TapeShelf: Sendable {
    /// Where a request looks: nil is the whole cassette.
    struct Place: Hashable {
        var scope: TapeScope?
        var key: String
    }

    struct Entry {
        var item: Cassette.Item
        var request: CanonicalRequest
        /// Seconds since it was recorded, where `maxAge` says that this is too long.
        var expiredAge: Int64?

        var isExpired: Bool { expiredAge != nil }
    }

    let directory: String
    let rules: CassetteRules
    /// In recorded order.
    private(set) var entries: [Entry] = []
    /// The servable tapes of each place, in recorded order.
    private var index: [Place: [Int]] = [:]

    /// - Parameter now: seconds since 1970, which the tapes' ages are measured at.
    init(_ cassette: Cassette, now: Int64) {
        directory = cassette.directory
        rules = cassette.rules
        set(entries(of: cassette.items, now: now))
    }

    /// Tapes as this shelf keeps them.
    func entries(of items: [Cassette.Item], now: Int64) -> [Entry] { items.map { entry($0, now) } }

    /// Puts what a scope's directory holds by now in place of what it held.
    mutating func replace(_ scope: TapeScope, with new: [Entry]) {
        set(entries.filter { $0.item.scope != scope } + new)
    }

    private func entry(_ item: Cassette.Item, _ now: Int64) -> Entry {
        let request = CanonicalRequest(item.tape.comparableRequest, rules: rules)
        guard let limit = rules.maxAge,
            let recorded = Timestamp.secondsSince1970(item.tape.header.created).map(Int64.init),
            now - recorded > limit
        else { return Entry(item: item, request: request) }
        return Entry(item: item, request: request, expiredAge: now - recorded)
    }

    private mutating func set(_ entries: [Entry]) {
        self.entries = entries.sorted { TapeName.precedes($0.item.name, $1.item.name) }
        index = [:]
        for (position, entry) in self.entries.enumerated() where entry.item.isServable {
            index[Place(scope: nil, key: entry.request.key), default: []].append(position)
            guard let scope = entry.item.scope else { continue }
            index[Place(scope: scope, key: entry.request.key), default: []].append(position)
        }
    }

    /// The servable tapes that answer a request of a scope, in recorded order.
    func positions(_ place: Place) -> [Int] { index[place] ?? [] }

    /// Whether a scope has a finished tape that isn't too old.
    func hasFreshTape(in scope: TapeScope?) -> Bool {
        entries.contains { $0.item.isServable && !$0.isExpired && Self.isVisible($0, in: scope) }
    }

    /// The tapes that a request of a scope may look at.
    func visible(in scope: TapeScope?) -> some Sequence<Entry> {
        entries.lazy.filter { Self.isVisible($0, in: scope) }
    }

    static func isVisible(_ entry: Entry, in scope: TapeScope?) -> Bool {
        scope == nil || entry.item.scope == scope
    }
}
