import Dialects
import Synchronization

/// Answers requests from a cassette: the tapes of equal requests in recorded order, then as `exhausted` says.
///
/// It may be called from any thread. A scope sees the tapes of its own directory only, and has its own place in them,
/// so tests that run at once don't take each other's answers.
public final class CassettePlayer: Sendable {
    public enum Match: Sendable {
        /// The tape, and how it is to be played: what was asked for, then the scope's and the cassette's rules. Of the
        /// faults, those are left that strike this time.
        case tape(Cassette.Item, ReplayOptions)
        case miss(MissReport)
    }

    private struct Place: Hashable {
        var scope: TapeScope?
        var key: String
    }

    private struct State {
        /// How many tapes each request used up.
        var played: [Place: Int] = [:]
        /// How many answers each request had, spoiled ones included.
        var answered: [Place: Int] = [:]
        /// The tapes that were played at least once.
        var used: Set<Int> = []
    }

    public let cassette: Cassette
    private let requests: [CanonicalRequest]
    /// The servable tapes of each key, in recorded order.
    private let index: [String: [Int]]
    private let state = Mutex(State())

    public init(_ cassette: Cassette) {
        self.cassette = cassette
        requests = cassette.items.map { CanonicalRequest($0.tape.request, rules: cassette.rules) }
        var index: [String: [Int]] = [:]
        for (position, item) in cassette.items.enumerated() where item.isServable {
            index[requests[position].key, default: []].append(position)
        }
        self.index = index
    }

    /// Finds the tape that answers a live request, and counts it as played.
    ///
    /// - Parameters:
    ///   - live: the request as it came.
    ///   - scope: the directory to look in; nil is the whole cassette.
    ///   - secrets: the credentials that came with it, masked as they are in tapes.
    ///   - options: how it is to be played, as far as the request or the configuration says.
    public func match(
        _ live: LiveRequest,
        scope: TapeScope? = nil,
        secrets: TapeSecrets = .none,
        options: ReplayOptions = ReplayOptions()
    ) -> Match {
        match(TapeRequest(live, secrets: secrets), scope: scope, options: options)
    }

    /// Finds the tape that answers a request, and counts it as played.
    ///
    /// An answer that a fault keeps from coming to its end doesn't use the tape up, so that a retry gets the same one.
    public func match(
        _ request: TapeRequest,
        scope: TapeScope? = nil,
        options: ReplayOptions = ReplayOptions()
    ) -> Match {
        let canonical = CanonicalRequest(request, rules: cassette.rules)
        let positions = (index[canonical.key] ?? []).filter { isVisible($0, in: scope) }
        guard let last = positions.last else {
            // A bound on the work that a miss may cause.
            let candidates = cassette.items.indices.lazy
                .filter { self.cassette.items[$0].isServable && self.isVisible($0, in: scope) }.prefix(1000)
            return .miss(
                MissReport(
                    unmatched: canonical,
                    candidates: candidates.map { (self.cassette.items[$0].name, self.requests[$0]) }
                )
            )
        }
        // Without a scope, that of the tapes counts.
        let ruling = scope ?? cassette.items[positions[0]].scope ?? .root
        let exhausted = cassette.rules.exhausted(in: ruling)
        var options = options.or(cassette.rules.replay(in: ruling))
        let place = Place(scope: scope, key: canonical.key)
        let chosen: Int? = state.withLock { state in
            let count = state.played[place, default: 0]
            guard count < positions.count || exhausted != .error else { return nil }
            let answered = state.answered[place, default: 0]
            state.answered[place] = answered + 1
            options.faults?.removeAll { fault in fault.times.map { $0 <= answered } ?? false }
            let isSpoiled = options.faults?.contains(where: \.isFatal) ?? false
            if !isSpoiled { state.played[place] = count + 1 }
            let position =
                switch exhausted {
                case .cycle: positions[count % positions.count]
                case .error, .last: positions[min(count, positions.count - 1)]
                }
            state.used.insert(position)
            return position
        }
        if let chosen { return .tape(cassette.items[chosen], options) }
        return .miss(MissReport(exhausted: canonical, last: cassette.items[last].name))
    }

    /// Starts over: the next request of each kind gets its first tape again. Nil rewinds every scope.
    public func reset(scope: TapeScope? = nil) {
        state.withLock { state in
            guard let scope else {
                state = State()
                return
            }
            state.played = state.played.filter { $0.key.scope != scope }
            state.answered = state.answered.filter { $0.key.scope != scope }
            state.used = state.used.filter { !isVisible($0, in: scope) }
        }
    }

    /// The names of the servable tapes that were never played.
    public func unused(scope: TapeScope? = nil) -> [String] {
        let used = state.withLock { $0.used }
        return cassette.items.indices
            .filter { cassette.items[$0].isServable && isVisible($0, in: scope) && !used.contains($0) }
            .map { cassette.items[$0].name }
    }

    private func isVisible(_ position: Int, in scope: TapeScope?) -> Bool {
        scope == nil || cassette.items[position].scope == scope
    }
}
