/// What a deck decides, and what it has to remember for it: which tapes were played, which scopes are being recorded,
/// what was asked. It does no I/O and knows no clock.
struct DeckState: Sendable {
    /// What becomes of a request.
    enum Choice: Equatable {
        /// The tape at this position of the shelf, and how it is to be played: what was asked for, then the scope's and
        /// the cassette's rules. Of the faults, those are left that strike this time.
        case play(Int, ReplayOptions)
        /// The tapes from these positions answer, but each was played already.
        case exhausted([Int])
        case unmatched
        case record(TapeReplacement.Extent?)
        case pass
    }

    /// What is known of a scope since the run began, or since it was reset.
    private struct ScopeRun {
        /// Whether ``TapeMode/once`` found it empty; nil where it wasn't asked yet.
        var isRecordedOnce: Bool?
        var replacement: TapeReplacement
        var misses: [MissedRequest] = []
        var missCount = 0
    }

    private(set) var shelf: TapeShelf
    private(set) var log: RequestLog
    /// How often each fault that is limited struck the answers of each request.
    private var struck: [TapeShelf.Place: [Fault: Int]] = [:]
    /// How many tapes each request used up.
    private var played: [TapeShelf.Place: Int] = [:]
    /// The names of the tapes that were played at least once.
    private var used: Set<String> = []
    /// The names of the expired tapes that were warned of.
    private var warned: Set<String> = []
    private var runs: [TapeScope?: ScopeRun] = [:]
    private var stale: [TapeScope: [StaleTape]]

    /// Scopes come from callers: so many are kept apart, what comes after them is refused.
    static let scopeLimit = 10_000
    static let keptMisses = 100
    private static let faultLimit = 64

    /// - Parameter number: the last request's before.
    init(_ shelf: TapeShelf, stale: [TapeScope: [StaleTape]], after number: Int = 0) {
        self.shelf = shelf
        self.stale = stale
        log = RequestLog(after: number)
    }

    // MARK: Deciding

    /// Whether another scope can be told apart.
    func hasRoom(for scope: TapeScope?) -> Bool { runs[scope] != nil || runs.count < Self.scopeLimit }

    /// Decides, and counts a tape that is to be played as played.
    ///
    /// An answer that a fault keeps from coming to its end doesn't use the tape up, so that a retry gets the same one.
    mutating func choose(_ key: String, scope: TapeScope?, mode: TapeMode, options: ReplayOptions) -> Choice {
        let place = TapeShelf.Place(scope: scope, key: key)
        begin(scope)
        switch mode {
        case .off: return .pass
        case .all: return .record(Self.extent(scope))
        case .once where isRecorded(scope): return .record(Self.extent(scope))
        case .none, .once, .newEpisodes: break
        }
        var positions = shelf.positions(place)
        if mode != .none, !positions.isEmpty {
            positions.removeAll { shelf.entries[$0].isExpired }
            // Too old counts as not there, and is replaced.
            if positions.isEmpty { return .record(.key) }
        }
        guard let last = positions.last else { return mode == .newEpisodes ? .record(nil) : .unmatched }
        // Without a scope, that of the tapes counts.
        let ruling = scope ?? shelf.entries[positions[0]].item.scope ?? .root
        let exhausted = shelf.rules.exhausted(in: ruling)
        let count = played[place, default: 0]
        guard count < positions.count || exhausted != .error else {
            return mode == .newEpisodes ? .record(nil) : .exhausted(positions)
        }
        let options = spoiled(options.or(shelf.rules.replay(in: ruling)), place)
        if options.faults?.contains(where: \.isFatal) != true { played[place] = count + 1 }
        let position =
            switch exhausted {
            case .cycle: positions[count % positions.count]
            case .error, .last: count < positions.count ? positions[count] : last
            }
        used.insert(shelf.entries[position].item.name)
        return .play(position, options)
    }

    /// Leaves out the faults that have struck as often as they should, and counts the rest.
    private mutating func spoiled(_ options: ReplayOptions, _ place: TapeShelf.Place) -> ReplayOptions {
        guard let faults = options.faults, faults.contains(where: { $0.times != nil }) else { return options }
        var counts = struck[place, default: [:]]
        // Requests bring faults of their own: so many kinds are counted, then it starts over.
        if counts.count > Self.faultLimit { counts = [:] }
        var options = options
        options.faults = faults.filter { fault in
            guard let times = fault.times else { return true }
            let count = counts[fault, default: 0]
            counts[fault] = min(count, times - 1) + 1
            return count < times
        }
        struck[place] = counts
        return options
    }

    /// Where tapes just pile up, one only takes the place of its like.
    private static func extent(_ scope: TapeScope?) -> TapeReplacement.Extent {
        scope == nil || scope == .root ? .key : .scope
    }

    private mutating func isRecorded(_ scope: TapeScope?) -> Bool {
        if let known = runs[scope]?.isRecordedOnce { return known }
        let isRecorded = !shelf.hasFreshTape(in: scope)
        runs[scope]?.isRecordedOnce = isRecorded
        return isRecorded
    }

    /// The older tapes that a recording in a scope takes the place of.
    mutating func replacement(for scope: TapeScope?) -> TapeReplacement {
        begin(scope)
        return runs[scope]?.replacement ?? TapeReplacement([])
    }

    private mutating func begin(_ scope: TapeScope?) {
        guard runs[scope] == nil else { return }
        // Those that name no scope are recorded into the root, so they share what is replaced there.
        let other: TapeScope? = scope == nil ? .root : scope == .root ? nil : scope
        let replacement = runs[other]?.replacement ?? TapeReplacement(stale[scope ?? .root] ?? [])
        runs[scope] = ScopeRun(replacement: replacement)
    }

    /// Whether an expired tape is to be warned of: once.
    mutating func warns(of name: String) -> Bool { warned.insert(name).inserted }

    // MARK: Remembering

    /// Keeps a request in the log; returns its number there.
    mutating func add(_ request: LoggedRequest.Source, _ outcome: LoggedRequest.Outcome) -> Int {
        let number = log.add(request, outcome)
        let scope = request.scope
        if case .missed(let report) = outcome {
            runs[scope]?.missCount += 1
            if runs[scope]?.misses.count ?? Self.keptMisses < Self.keptMisses {
                runs[scope]?.misses.append(MissedRequest(number: number, scope: scope, report: report))
            }
        }
        return number
    }

    mutating func recorded(_ number: Int, scope: TapeScope?, _ outcome: LoggedRequest.Outcome) {
        log.update(number, scope: scope, outcome)
    }

    /// Starts everything over with what the cassette holds by now.
    mutating func reset(_ shelf: TapeShelf, stale: [TapeScope: [StaleTape]]) {
        self = DeckState(shelf, stale: stale, after: log.lastNumber)
    }

    /// Starts a scope over with what its directory holds by now.
    mutating func reset(_ scope: TapeScope, _ entries: [TapeShelf.Entry], stale: [StaleTape]) {
        for entry in shelf.entries + entries where entry.item.scope == scope {
            used.remove(entry.item.name)
            warned.remove(entry.item.name)
        }
        shelf.replace(scope, with: entries)
        self.stale[scope] = stale
        runs[scope] = nil
        // What names no scope is recorded there as well.
        if scope == .root { runs[nil]?.replacement = TapeReplacement(stale) }
        played = played.filter { $0.key.scope != scope }
        struck = struck.filter { $0.key.scope != scope }
        log.remove(scope)
    }

    // MARK: Looking back

    /// Whether the tapes of a scope are being replaced, so that nobody misses them.
    private func isReplaced(_ scope: TapeScope?) -> Bool {
        runs[scope]?.isRecordedOnce == true || runs[scope]?.replacement.isUsed == true
    }

    /// - Parameter missesUnused: whether a tape that was never played is a fault.
    func verification(of scope: TapeScope?, missesUnused: Bool) -> TapeVerification {
        let runs = scope.map { scope in self.runs.filter { $0.key == scope } } ?? self.runs
        let unused = shelf.visible(in: scope).filter { entry in
            missesUnused && entry.item.isServable && !used.contains(entry.item.name) && !isReplaced(entry.item.scope)
                && !(entry.item.scope == .root && isReplaced(nil))
        }
        return TapeVerification(
            unexpected: runs.values.flatMap(\.misses).sorted { $0.number < $1.number },
            unexpectedCount: runs.values.reduce(0) { $0 + $1.missCount },
            unused: unused.map(\.item.name)
        )
    }

    /// The scopes that were asked for since the run began or they were reset.
    var touchedScopes: [TapeScope?] { Array(runs.keys) }

    func wasPlayed(_ name: String) -> Bool { used.contains(name) }
}
