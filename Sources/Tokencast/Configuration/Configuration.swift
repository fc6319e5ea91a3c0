public import Logging
public import Tapes

/// What Tokencast is told to do: from a file, the environment, or a program that embeds it.
///
/// ```swift
/// var configuration = Configuration()
/// configuration.upstreams = [.init(name: "local", source: .url("http://127.0.0.1:11434"))]
/// configuration.routes = [.init(upstream: "local")]
/// try await TokencastService(configuration).run()
/// ```
public struct Configuration: Sendable, Hashable {
    /// The address to listen on. One that isn't loopback's needs keys (``access``).
    public var host = "127.0.0.1"
    /// 0 picks a free one. 8653 spells TOKE on a telephone.
    public var port = 8653
    /// Where others reach the server, as `https://tokens.example` with a path or without: what events for other systems have in
    /// their `source`. Nil takes the address that is listened on.
    public var publicURL: String?
    /// Names besides loopback's that a `Host` header may hold. Default none; where ``host`` is not
    /// loopback's and this is empty, any.
    public var allowedHosts: [String] = []
    /// Origins of web pages that may call, as `https://app.example`; `*` for any needs keys (``access``).
    public var allowedOrigins: [String] = []
    /// Who may do what. Default: everybody who reaches the address, everything.
    public var access = Access()
    public var upstreams: [Upstream] = []
    /// The first that matches a request decides.
    public var routes: [Route] = []
    public var tapes = Tapes()
    public var tee: [Tee] = []
    public var logLevel = Logger.Level.info
    /// Seconds that running streams get to end in when the program is asked to stop. Default 30.
    public var drainSeconds = 30.0
    /// How much is taken on.
    public var limits = Limits()
    /// What is kept of streams and channels.
    public var retention = Retention()
    /// What was read but isn't done, and why; said in the log once.
    var notices: [String] = []

    public init() {}

    /// Where requests can be sent.
    public struct Upstream: Sendable, Hashable {
        public enum Source: Sendable, Hashable {
            /// The base URL of a server, with or without `/v1`.
            case url(String)
            /// A server whose base URL an environment variable is to hold, which isn't set: requests to it are refused.
            case unset(variable: String)
            /// A directory of tapes; nothing of it touches the network. What the options leave out is the cassette's
            /// own way.
            case replay(cassette: String, ReplayOptions)
        }

        public var name: String
        public var source: Source
        /// The provider's family (which header a key goes into), or the name of the dialect that all answers are in.
        public var dialect: String?
        /// Put in where the caller has no key of its own.
        public var key: String?
        /// AWS's environment variables (`AWS_ACCESS_KEY_ID` …), which sign the requests to an upstream of the family
        /// `bedrock`. Default none.
        public var awsVariables: [String: String] = [:]
        /// Paths that its API has elsewhere, as patterns with one `*` at most, and where; the first that fits counts.
        public var paths: [PathRule] = []
        /// Seconds. Defaults: 10 to connect, 600 to the first byte, 300 between bytes.
        public var connectSeconds = 10.0
        public var firstByteSeconds = 600.0
        public var idleSeconds = 300.0

        public init(name: String, source: Source, dialect: String? = nil, key: String? = nil) {
            self.name = name
            self.source = source
            self.dialect = dialect
            self.key = key
        }
    }

    /// A path that an upstream has elsewhere.
    public struct PathRule: Sendable, Hashable {
        /// With one `*` at most, which stands for any text.
        public var path: String
        /// With one `*` at most, which stands for the same text.
        public var replacement: String

        public init(_ path: String, _ replacement: String) {
            self.path = path
            self.replacement = replacement
        }
    }

    /// Sends the requests that it matches to an upstream. `*` in a pattern stands for any text.
    public struct Route: Sendable, Hashable {
        public var model: String?
        public var path: String?
        public var upstream: String
        /// As an upstream's, and in its place; nil for the upstream's.
        public var dialect: String?
        /// What is different for its tapes; nil is nothing.
        public var tapes: RouteTapes?
        /// What becomes of a request whose caller leaves.
        public var onDisconnect: OnDisconnect
        /// Seconds without a reader after which ``OnDisconnect/keep`` gives up. Default 60.
        public var keepSeconds: Double

        public init(
            model: String? = nil,
            path: String? = nil,
            upstream: String,
            dialect: String? = nil,
            tapes: RouteTapes? = nil,
            onDisconnect: OnDisconnect = .cancel,
            keepSeconds: Double = Self.keepSeconds
        ) {
            self.model = model
            self.path = path
            self.upstream = upstream
            self.dialect = dialect
            self.tapes = tapes
            self.onDisconnect = onDisconnect
            self.keepSeconds = keepSeconds
        }

        /// How long ``OnDisconnect/keep`` waits where nothing else is said.
        public static let keepSeconds = 60.0
    }

    /// What becomes of a request whose caller leaves. A stream that is recorded, or that somebody subscribes to, goes on
    /// in any case.
    public enum OnDisconnect: String, Sendable, Hashable, CaseIterable {
        /// Its upstream is closed.
        case cancel
        /// Its upstream is read to the end.
        case drain
        /// As ``drain``, until nobody has read for some time.
        case keep
    }

    /// Recording and replaying.
    public struct Tapes: Sendable, Hashable {
        /// What becomes of requests; see ``TapeMode``.
        public var mode = TapeMode.off
        /// Other modes for some scopes; the first pattern that fits decides.
        public var scopes: [TapePolicy.Rule] = []
        /// The directory of the tapes.
        public var cassette: String?
        /// The scope of the requests that name none; nil leaves them without.
        public var scope: TapeScope?
        /// How tapes are played; what is nil is the cassette's own way.
        public var replay = ReplayOptions()
        /// What recordings hold of requests' bodies.
        public var requestBody = RequestBodyStorage.full

        public init() {}

        var policy: TapePolicy { TapePolicy(mode, scopes: scopes) }
    }

    /// What a route says of tapes. What is nil is as it is for all routes; where it says a mode, the scopes of all
    /// routes don't count for it.
    public struct RouteTapes: Sendable, Hashable {
        public var mode: TapeMode?
        public var scopes: [TapePolicy.Rule]?
        public var cassette: String?
        public var replay = ReplayOptions()

        public init(mode: TapeMode? = nil, cassette: String? = nil) {
            self.mode = mode
            self.cassette = cassette
        }

        func over(_ all: Tapes) -> Tapes {
            var tapes = all
            if let mode {
                tapes.mode = mode
                tapes.scopes = []
            }
            if let scopes { tapes.scopes = scopes }
            tapes.cassette = cassette ?? all.cassette
            tapes.replay = replay.or(all.replay)
            return tapes
        }
    }
}
