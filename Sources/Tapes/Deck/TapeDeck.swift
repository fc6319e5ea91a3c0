import Dialects
import Synchronization

/// Plays and records one cassette: says to each request whether a tape answers it, or whether it is to be recorded.
///
/// It may be called from any thread. Tapes are read when the deck is made and when it is ``reset(scope:)``, nowhere
/// else, so a decision waits for no disk. A scope sees the tapes of its own directory only and has its own place in
/// them, so tests that run at once don't take each other's answers; a request that names no scope sees all tapes.
///
/// ```swift
/// let deck = try TapeDeck(directory: "tapes", recorder: recorder)
/// switch deck.decide(request, scope: scope, mode: .once) {
/// case .play(let playback): …
/// case .record(let take): let recording = take.begin(api: "openai.chat", secrets: secrets)
/// case .miss(let report): …
/// case .pass: …
/// }
/// ```
public final class TapeDeck: Sendable {
    public let directory: String
    private let recorder: CassetteRecorder?
    private let mayBeMissing: Bool
    private let isPlayed: Bool
    /// What a deck without a directory starts over with.
    private let inMemory: Cassette?
    private let now: @Sendable () -> Int64
    private let state: Mutex<DeckState>
    /// What couldn't be read when the deck was made; empty where the tapes are to be played.
    public let problems: [TapeError]

    /// Loads a cassette.
    ///
    /// - Parameters:
    ///   - directory: the cassette.
    ///   - recorder: what records into the same directory; nil where nothing is ever recorded.
    ///   - mayBeMissing: whether the directory need not be there yet; by default where there is a recorder.
    ///   - isPlayed: whether its tapes are ever played. Where they aren't, one that can't be read is only listed in
    ///     ``problems``, and none is missed as unused; rules that can't be read are an error all the same.
    /// - Throws: ``CassetteError`` with everything that is wrong.
    public convenience init(
        directory: String,
        recorder: CassetteRecorder? = nil,
        mayBeMissing: Bool? = nil,
        isPlayed: Bool = true
    ) throws(CassetteError) {
        try self.init(
            directory: directory,
            recorder: recorder,
            mayBeMissing: mayBeMissing ?? (recorder != nil),
            isPlayed: isPlayed,
            now: { Timestamp.currentSeconds() }
        )
    }

    /// - Parameter now: gives the seconds since 1970.
    init(
        directory: String,
        recorder: CassetteRecorder?,
        mayBeMissing: Bool,
        isPlayed: Bool = true,
        now: @escaping @Sendable () -> Int64
    ) throws(CassetteError) {
        self.directory = directory
        self.mayBeMissing = mayBeMissing
        self.isPlayed = isPlayed
        self.now = now
        inMemory = nil
        let cassette = try Self.load(directory, mayBeMissing, isPlayed)
        problems = cassette.errors
        self.recorder = recorder
        let shelf = TapeShelf(cassette, now: now())
        state = Mutex(DeckState(shelf, stale: StaleTape.all(of: shelf.entries, cassette)))
    }

    /// Makes a deck of tapes that are loaded already; nothing is recorded, and no file is read, not even to start over.
    public init(_ cassette: Cassette) {
        directory = cassette.directory
        inMemory = cassette
        mayBeMissing = false
        isPlayed = true
        now = { Timestamp.currentSeconds() }
        problems = []
        recorder = nil
        state = Mutex(DeckState(TapeShelf(cassette, now: Timestamp.currentSeconds()), stale: [:]))
    }

    private static func load(
        _ directory: String,
        _ mayBeMissing: Bool,
        _ isPlayed: Bool
    ) throws(CassetteError) -> Cassette {
        if mayBeMissing, !FileSystem.exists(directory) {
            return Cassette(directory: directory, rules: CassetteRules(), items: [])
        }
        let cassette = Cassette.inspect(directory: directory)
        let isTolerable = !isPlayed && cassette.errors.count == cassette.unreadable.count
        guard cassette.errors.isEmpty || isTolerable else { throw CassetteError(errors: cassette.errors) }
        return cassette
    }

    // MARK: Requests

    /// Decides what becomes of a live request. A tape that is to be played counts as played from then on.
    ///
    /// - Parameters:
    ///   - live: the request as it came.
    ///   - scope: the directory to look in and to record into; nil looks in the whole cassette and records into its
    ///     own directory.
    ///   - secrets: the credentials that came with it, masked as they are in tapes.
    ///   - mode: the mode that holds for this request and its scope. One that records only plays where the deck has no
    ///     recorder.
    ///   - options: how to play, where the cassette is not to say it.
    public func decide(
        _ live: LiveRequest,
        scope: TapeScope? = nil,
        secrets: TapeSecrets = .none,
        mode: TapeMode,
        options: ReplayOptions = ReplayOptions()
    ) -> TapeDecision {
        let mode = recorder == nil ? mode.withoutRecording : mode
        guard mode != .off else { return .pass }
        let source = LoggedRequest.Source(time: now(), scope: scope, live: live, secrets: secrets)
        let rules = state.withLock { $0.shelf.rules }
        // Worked out before the lock is taken; a reset in between may change the rules, which the next request obeys.
        let request = CanonicalRequest(TapeRequest(live, secrets: secrets), rules: rules)
        let (choice, shelf) = state.withLock { state -> (DeckState.Choice?, TapeShelf) in
            guard state.hasRoom(for: scope) else { return (nil, state.shelf) }
            return (state.choose(request.key, scope: scope, mode: mode, options: options), state.shelf)
        }
        switch choice {
        case .pass: return .pass
        case .play(let position, let options): return play(shelf, position, source, options)
        case .record(let extent): return record(source, extent)
        case .exhausted(let positions):
            let last = positions.last.map { shelf.entries[$0].item.name } ?? ""
            return miss(source, MissReport(exhausted: shelf.context(request, scope), last: last))
        case .unmatched: return miss(source, shelf.report(unmatched: request, scope: scope))
        case nil: return miss(source, MissReport(tooManyScopes: shelf.context(request, scope)))
        }
    }

    private func play(
        _ shelf: TapeShelf,
        _ position: Int,
        _ source: LoggedRequest.Source,
        _ options: ReplayOptions
    ) -> TapeDecision {
        let entry = shelf.entries[position]
        let name = entry.item.name
        let warns = state.withLock { state in
            _ = state.add(source, .played(name))
            return entry.isExpired && state.warns(of: name)
        }
        var playback = TapePlayback(item: entry.item, options: options)
        playback.expiredAge = entry.expiredAge
        if warns, let age = entry.expiredAge, let limit = shelf.rules.maxAge {
            playback.warning =
                "the tape \(directory)/\(name) is \(Age.description(age)) old, more than maxAge allows "
                + "(\(Age.description(limit))): record it again"
        }
        return .play(playback)
    }

    private func record(_ source: LoggedRequest.Source, _ extent: TapeReplacement.Extent?) -> TapeDecision {
        guard let recorder else { return .pass }
        let (number, tapes, rules) = state.withLock { state in
            (state.add(source, .recording), state.replacement(for: source.scope), state.shelf.rules)
        }
        return .record(
            TapeTake(
                deck: self,
                recorder: recorder,
                live: source.live,
                scope: source.scope,
                naming: CassetteRecorder.Naming(rules: rules, replacement: extent.map { (tapes, $0) }),
                number: number
            )
        )
    }

    private func miss(_ source: LoggedRequest.Source, _ report: MissReport) -> TapeDecision {
        state.withLock { _ = $0.add(source, .missed(report)) }
        return .miss(report)
    }

    func ended(_ number: Int, scope: TapeScope?, _ outcome: RecordingOutcome) {
        let what: LoggedRequest.Outcome =
            switch outcome.state {
            case .finished: .recorded(outcome.path)
            case .overflowed: .unrecorded("\(outcome.path) stops before its stream did")
            case .failed(let error): .unrecorded("\(error)")
            }
        state.withLock { $0.recorded(number, scope: scope, what) }
    }

    // MARK: Runs

    /// Starts a scope over: its directory is read again, so what was recorded by now is played from the first tape on,
    /// and what was asked is forgotten. Nil starts everything over, `cassette.json` included.
    ///
    /// Recordings that have ended are waited for until they are on the disk; those that still run are not.
    ///
    /// - Throws: ``CassetteError`` where a tape can't be read; then nothing has changed.
    public func reset(scope: TapeScope? = nil) async throws(CassetteError) {
        await recorder?.flush()
        // Reading may take long, so it has a thread of its own.
        let result = await withCheckedContinuation { continuation in
            let work: @Sendable () -> Void = {
                do throws(CassetteError) {
                    continuation.resume(returning: Result<Void, CassetteError>.success(try self.reload(scope)))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
            if !DetachedThread.start(work) { work() }
        }
        try result.get()
    }

    private func reload(_ scope: TapeScope?) throws(CassetteError) {
        let time = now()
        guard let scope else {
            let cassette: Cassette
            if let inMemory {
                cassette = inMemory
            } else {
                cassette = try Self.load(directory, mayBeMissing, isPlayed)
            }
            let shelf = TapeShelf(cassette, now: time)
            let stale = StaleTape.all(of: shelf.entries, cassette)
            return state.withLock { $0.reset(shelf, stale: stale) }
        }
        var found = inMemory ?? Cassette.inspect(scope, in: directory)
        if inMemory != nil { found.items.removeAll { $0.scope != scope } }
        guard found.errors.isEmpty || !isPlayed else { throw CassetteError(errors: found.errors) }
        state.withLock { state in
            let entries = state.shelf.entries(of: found.items, now: time)
            state.reset(scope, entries, stale: StaleTape.all(of: entries, found)[scope] ?? [])
        }
    }

    /// Whether what was asked is what was recorded: which requests no tape answered, and which tapes were never played.
    ///
    /// - Parameter scope: nil looks at everything that was asked for or loaded.
    public func verify(scope: TapeScope? = nil) -> TapeVerification {
        state.withLock { $0.verification(of: scope, missesUnused: isPlayed) }
    }

    /// The last requests, in the order they came in, and how many earlier ones were let go.
    ///
    /// - Parameter scope: nil gives those of all scopes.
    public func requests(scope: TapeScope? = nil) -> (kept: [LoggedRequest], dropped: Int) {
        // Copied under the lock, made readable behind it.
        let log = state.withLock { $0.log }
        return log.requests(in: scope.map { .some($0) } ?? .none)
    }

    /// Every tape that is loaded, and whether it was played since the run began or its scope was reset.
    public var tapes: [(item: Cassette.Item, isPlayed: Bool)] {
        let state = state.withLock { $0 }
        return state.shelf.entries.map { ($0.item, state.wasPlayed($0.item.name)) }
    }

    /// The scopes that were asked for; nil are the requests that named none.
    public var touchedScopes: [TapeScope?] { state.withLock { $0.touchedScopes } }

    /// The rules that are obeyed.
    public var rules: CassetteRules { state.withLock { $0.shelf.rules } }
}

extension StaleTape {
    /// What lies in each directory of a cassette.
    fileprivate static func all(of entries: [TapeShelf.Entry], _ cassette: Cassette) -> [TapeScope: [StaleTape]] {
        var stale: [TapeScope: [StaleTape]] = [:]
        for entry in entries {
            guard let scope = entry.item.scope, let identity = entry.item.identity,
                let name = entry.item.name.utf8.split(separator: UInt8(ascii: "/")).last
            else { continue }
            stale[scope, default: []].append(
                StaleTape(name: String(decoding: name, as: UTF8.self), identity: identity, key: entry.request.key)
            )
        }
        for file in cassette.unreadable {
            guard let scope = file.scope else { continue }
            stale[scope, default: []].append(StaleTape(name: file.name, identity: file.identity, key: nil))
        }
        return stale
    }
}
