import Server
import Tapes

/// Makes one deck of each cassette that a configuration names, whatever refers to it.
struct TapeDecks {
    /// What is known of a directory's use before its deck is made.
    private struct Use {
        var plays = false
        var records = false
    }

    private let recorder: ((String) -> CassetteRecorder)?
    private var uses: [String: Use] = [:]
    private var decks: [String: TapeDeck] = [:]
    /// Each use of a deck, in the order in which they were asked for.
    private(set) var all: [TapeSetting] = []

    init(_ configuration: Configuration, recorder: ((String) -> CassetteRecorder)?) {
        self.recorder = recorder
        let own = configuration.routes.compactMap { $0.tapes?.over(configuration.tapes) }
        for tapes in [configuration.tapes] + own {
            for mode in tapes.policy.modes where mode != .off {
                guard let cassette = tapes.cassette else { continue }
                if mode.records { uses[cassette, default: Use()].records = true }
                if mode != .all { uses[cassette, default: Use()].plays = true }
            }
        }
        for upstream in configuration.upstreams {
            if case .replay(let cassette, _) = upstream.source { uses[cassette, default: Use()].plays = true }
        }
    }

    /// What is to be done with tapes; nil where that is nothing.
    mutating func setting(_ tapes: Configuration.Tapes) throws(ConfigurationError) -> TapeSetting? {
        guard let cassette = tapes.cassette, tapes.policy.modes.contains(where: { $0 != .off }) else { return nil }
        return try setting(cassette, tapes.policy, tapes.scope, tapes.replay)
    }

    /// An upstream that is a cassette.
    mutating func replay(
        _ cassette: String,
        _ options: ReplayOptions
    ) throws(ConfigurationError) -> TapeSetting {
        try setting(cassette, TapePolicy(.none), nil, options)
    }

    private mutating func setting(
        _ cassette: String,
        _ policy: TapePolicy,
        _ scope: TapeScope?,
        _ options: ReplayOptions
    ) throws(ConfigurationError) -> TapeSetting {
        let setting = TapeSetting(try deck(cassette), policy, scope: scope, options: options)
        all.append(setting)
        return setting
    }

    private mutating func deck(_ directory: String) throws(ConfigurationError) -> TapeDeck {
        if let deck = decks[directory] { return deck }
        let use = uses[directory] ?? Use(plays: true)
        do {
            let deck = try TapeDeck(
                directory: directory,
                recorder: use.records ? recorder?(directory) : nil,
                mayBeMissing: use.records,
                isPlayed: use.plays
            )
            decks[directory] = deck
            return deck
        } catch {
            throw ConfigurationError("the cassette \(directory) can't be played:\n\(error)")
        }
    }
}
