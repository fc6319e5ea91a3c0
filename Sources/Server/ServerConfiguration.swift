public import Broadcast
public import NIOCore

/// Everything that a server is told. Defaults suit a developer's machine.
public struct ServerConfiguration: Sendable {
    /// Others than loopback's are for servers with keys.
    public var host = "127.0.0.1"
    /// 0 picks a free one.
    public var port = 8653
    /// Where others reach the server, as `https://host/path` without a slash at its end: what CloudEvents have in their `source`.
    /// Nil takes the address that is listened on, with the machine's name where that is every address.
    public var publicURL: String?
    /// By name; a request's first path segment may name one.
    public var upstreams: [UpstreamTarget] = []
    /// The first that matches decides.
    public var routes: [Route] = []
    /// The tapes of requests that name their upstream; nil for none. Routes have their own.
    public var tapes: TapeSetting?
    /// Every deck that a route, an upstream or ``tapes`` refers to, with its settings: what `/tapes` shows.
    public var decks: [TapeSetting] = []
    /// Names besides the loopback ones that `Host` may hold, without port. Where this is empty and ``host`` is not
    /// loopback's, it may hold any.
    public var allowedHosts: [String] = []
    /// Web origins whose pages may call, as `https://app.example`; `*` is any.
    public var allowedOrigins: [String] = []
    /// Who may do what.
    public var access = AccessControl()
    /// A connection without a request is closed after this. Default 75 s.
    public var keepAliveTimeout = TimeAmount.seconds(75)
    /// JSON bodies up to this are read whole, so that a route may look at the model. Default 32 MiB.
    public var maximumBufferedBody = 32 << 20
    /// How far a caller may lag behind its upstream before that is paused, or the caller dropped. Default 4 MiB.
    public var maximumBacklog = 4 << 20
    /// How long running streams may go on once the server is asked to stop. Default 30 s.
    public var drainTimeout = TimeAmount.seconds(30)
    /// A subscriber that hears nothing for so long gets a heartbeat. Default 15 s.
    public var heartbeat = TimeAmount.seconds(15)
    /// A subscriber whose socket makes no progress for so long, while there is something for it, is cut off. Default 30 s.
    public var stallTimeout = TimeAmount.seconds(30)
    /// How much is taken on.
    public var limits = Limits()
    /// What is kept of streams and channels, and for how long.
    public var retention = Retention()
    /// Event loops; nil takes one per core but one, which is left to all else.
    public var eventLoops: Int?

    public init() {}
}
