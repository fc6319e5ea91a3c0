public import Dialects

/// How a cassette is matched and played: its `cassette.json`.
public struct CassetteRules: Sendable {
    /// What happens when every tape of a request was played.
    public enum Exhausted: String, Sendable, CaseIterable {
        /// The next one is a miss.
        case error
        /// The last one is played again.
        case last
        /// It starts over with the first.
        case cycle
    }

    /// Which paths are the same.
    public enum Paths: String, Sendable, CaseIterable {
        /// Equal ones.
        case exact
        /// Those of one dialect, and the model in the path, if it is there, is as good as one in the body: a tape then
        /// answers each SDK that speaks its dialect, wherever that has put its path.
        case dialect
    }

    /// What is different in the scopes that a pattern matches. What is nil isn't.
    public struct Scope: Sendable {
        /// A scope, or a pattern in which `*` stands for any text, slashes included: `tests/*`.
        public var pattern: String
        public var exhausted: Exhausted?
        public var replay: ReplayOptions

        public init(pattern: String, exhausted: Exhausted? = nil, replay: ReplayOptions = ReplayOptions()) {
            self.pattern = pattern
            self.exhausted = exhausted
            self.replay = replay
        }
    }

    /// The top-level members of the body that count; nil (the default) for the whole canonical request. Method, path
    /// and the wish for a stream always count.
    public var match: [String]?
    public var paths: Paths
    /// What doesn't count; `*` stands for any member or element.
    public var ignore: [JSONValue.Pointer]
    public var exhausted: Exhausted
    /// How tapes are played, unless the scope, the configuration or the request says otherwise.
    public var replay: ReplayOptions
    /// Of those that match a scope, the first that says something decides it.
    public var scopes: [Scope]
    /// Seconds after which a tape is too old: it is recorded again where that is allowed. Nil (the default) is never.
    public var maxAge: Int64?
    /// What is replaced in texts before they are compared.
    var replace: [TextReplacement] = []

    public init(
        match: [String]? = nil,
        paths: Paths = .exact,
        ignore: [JSONValue.Pointer] = [],
        exhausted: Exhausted = .error,
        replay: ReplayOptions = ReplayOptions(),
        scopes: [Scope] = []
    ) {
        self.match = match
        self.paths = paths
        self.ignore = ignore
        self.exhausted = exhausted
        self.replay = replay
        self.scopes = scopes
    }

    /// What to do in a scope when every tape of a request was played.
    public func exhausted(in scope: TapeScope) -> Exhausted {
        entries(for: scope).compactMap(\.exhausted).first ?? exhausted
    }

    /// How the tapes of a scope are played.
    public func replay(in scope: TapeScope) -> ReplayOptions {
        entries(for: scope).reduce(ReplayOptions()) { $0.or($1.replay) }.or(replay)
    }

    private func entries(for scope: TapeScope) -> [Scope] {
        scopes.isEmpty ? [] : scopes.filter { wildcard($0.pattern, matches: scope.description) }
    }
}
