/// What becomes of a request: is it answered from a tape, or asked live, and is that recorded? The names are VCR's.
public enum TapeMode: String, Sendable, Hashable, CaseIterable {
    /// Neither played nor recorded.
    case off
    /// Answered from tapes only; the network is never touched.
    case none
    /// A scope that has no finished tape when it is first used is recorded, all requests of it; any other is played as
    /// with ``none``.
    case once
    /// What matches a tape that wasn't played yet is played; the rest is recorded.
    case newEpisodes = "new_episodes"
    /// Everything is recorded.
    case all

    /// Whether it may lead to a tape being played.
    public var plays: Bool { self == .none || self == .once || self == .newEpisodes }

    /// Whether it may lead to a recording.
    public var records: Bool { self == .once || self == .newEpisodes || self == .all }

    /// The same without recording: what is recorded always passes by, what is recorded where it lacks is only played.
    public var withoutRecording: TapeMode {
        switch self {
        case .all: .off
        case .once, .newEpisodes: .none
        case .off, .none: self
        }
    }
}

/// Which mode holds for which scope.
public struct TapePolicy: Sendable, Hashable {
    /// A mode for the scopes that fit a pattern, in which `*` stands for any text: `tests/*`.
    public struct Rule: Sendable, Hashable {
        public var pattern: String
        public var mode: TapeMode

        public init(pattern: String, mode: TapeMode) {
            self.pattern = pattern
            self.mode = mode
        }
    }

    /// For requests without a scope, and for scopes that no rule fits.
    public var mode: TapeMode
    /// The first that fits decides.
    public var scopes: [Rule]

    public init(_ mode: TapeMode, scopes: [Rule] = []) {
        self.mode = mode
        self.scopes = scopes
    }

    /// The mode of a scope; nil is a request that names none.
    public func mode(for scope: TapeScope?) -> TapeMode {
        guard let scope else { return mode }
        let name = scope.description
        return scopes.first { wildcard($0.pattern, matches: name) }?.mode ?? mode
    }

    /// All modes that may come out of it.
    public var modes: [TapeMode] { [mode] + scopes.map(\.mode) }

    /// The same without any recording.
    public var withoutRecording: TapePolicy {
        TapePolicy(
            mode.withoutRecording,
            scopes: scopes.map { Rule(pattern: $0.pattern, mode: $0.mode.withoutRecording) }
        )
    }
}
