public import NIOCore
public import Tapes
public import Upstream

/// Everything that a server is told. Defaults suit a developer's machine.
public struct ServerConfiguration: Sendable {
    /// Only loopback until callers can be told apart.
    public var host = "127.0.0.1"
    /// 0 picks a free one.
    public var port = 8653
    /// By name; a request's first path segment may name one.
    public var upstreams: [UpstreamTarget] = []
    /// The first that matches decides.
    public var routes: [Route] = []
    /// The tapes of requests that name their upstream; nil for none. Routes have their own.
    public var tapes: TapeSetting?
    /// Every deck that a route, an upstream or ``tapes`` refers to, with its settings: what `/tapes` shows.
    public var decks: [TapeSetting] = []
    /// Names besides the loopback ones that `Host` may hold, without port.
    public var allowedHosts: [String] = []
    /// Web origins whose pages may call, as `https://app.example`.
    public var allowedOrigins: [String] = []
    /// A connection without a request is closed after this. Default 75 s.
    public var keepAliveTimeout = TimeAmount.seconds(75)
    /// JSON bodies up to this are read whole, so that a route may look at the model. Default 32 MiB.
    public var maximumBufferedBody = 32 << 20
    /// How far a caller may lag behind its upstream before that is paused, or the caller dropped. Default 4 MiB.
    public var maximumBacklog = 4 << 20
    /// How long running streams may go on once the server is asked to stop. Default 30 s.
    public var drainTimeout = TimeAmount.seconds(30)
    /// Event loops; nil takes one per core but one, which is libcurl's.
    public var eventLoops: Int?

    public init() {}
}

/// Where requests can be sent.
public struct UpstreamTarget: Sendable {
    public enum Kind: Sendable {
        /// A server. `key` is put in where the caller has none of its own.
        case http(url: UpstreamURL, key: String?)
        /// A cassette; no network is touched.
        case replay(TapeSetting)
    }

    public var name: String
    public var kind: Kind
    /// The name of the dialect to speak where the path doesn't tell.
    public var dialect: String?
    public var timeouts: UpstreamTimeouts

    public init(name: String, kind: Kind, dialect: String? = nil, timeouts: UpstreamTimeouts = .init()) {
        self.name = name
        self.kind = kind
        self.dialect = dialect
        self.timeouts = timeouts
    }
}

/// A cassette, and what it is to do for the requests that come to it.
public struct TapeSetting: Sendable {
    public var deck: TapeDeck
    public var policy: TapePolicy
    /// The scope of the requests that name none; nil leaves them without.
    public var scope: TapeScope?
    /// How tapes are played, before their cassette has its say.
    public var options: ReplayOptions

    public init(
        _ deck: TapeDeck,
        _ policy: TapePolicy,
        scope: TapeScope? = nil,
        options: ReplayOptions = ReplayOptions()
    ) {
        self.deck = deck
        self.policy = policy
        self.scope = scope
        self.options = options
    }

    /// Whether it has no part in any request.
    var isOff: Bool { policy.modes.allSatisfy { $0 == .off } }
}

/// An upstream's address: scheme, authority, and a path that requests' paths are put behind.
public struct UpstreamURL: Sendable, Hashable, CustomStringConvertible {
    /// `https://api.example.com`, as it goes before the path.
    public let origin: String
    /// Empty, or `/v1` without a slash at its end.
    public let basePath: String

    /// Reads `http://HOST[:PORT][/PATH]`; nil for anything else, a query or user names included.
    public init?(_ text: String) {
        let scheme = ["http://", "https://"].first { text.lowercased().hasPrefix($0) }
        guard let scheme, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
        let rest = text.dropFirst(scheme.count)
        let authority = rest.prefix { $0 != "/" }
        guard !authority.isEmpty, !rest.contains(where: { "?#@\\".contains($0) }) else { return nil }
        origin = scheme + authority
        var path = rest.dropFirst(authority.count)
        while path.last == "/" { path.removeLast() }
        basePath = String(path)
    }

    public var description: String { origin + basePath }

    /// The URL of a request target: a `/v1` that both have isn't doubled.
    package func url(for target: String) -> String {
        if basePath.hasSuffix("/v1"), target == "/v1" || target.hasPrefix("/v1/") || target.hasPrefix("/v1?") {
            return origin + basePath + target.dropFirst(3)
        }
        return origin + basePath + target
    }
}

/// Sends what it matches to an upstream.
public struct Route: Sendable {
    /// A pattern for the request body's `model`, where `*` stands for any text; nil matches any request.
    public var model: String?
    /// A pattern for the path.
    public var path: String?
    /// The name of the upstream.
    public var upstream: String
    /// Its tapes; nil for none.
    public var tapes: TapeSetting?

    public init(model: String? = nil, path: String? = nil, upstream: String, tapes: TapeSetting? = nil) {
        self.model = model
        self.path = path
        self.upstream = upstream
        self.tapes = tapes
    }

    func matches(path requestPath: String, model requestModel: String?) -> Bool {
        if let path, !wildcard(path, matches: requestPath) { return false }
        if let model {
            guard let requestModel, wildcard(model, matches: requestModel) else { return false }
        }
        return true
    }
}
