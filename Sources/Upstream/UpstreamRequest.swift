/// One request to send upstream, complete: nothing is added to it but what framing needs.
public struct UpstreamRequest: Sendable {
    /// How the request's body reaches the engine.
    public enum Body: Sendable {
        case none
        /// The whole body at once.
        case bytes([UInt8])
        /// In parts, through ``UpstreamTransfer/send(_:)``; chunked where the length isn't known.
        case stream(length: Int?)
    }

    public var method: String
    /// Absolute, `http` or `https`; sent as it is, dot segments included.
    public var url: String
    /// In this order. `Host`, `Content-Length` and `Transfer-Encoding` come from the URL and the body.
    public var headers: [HeaderField]
    public var body: Body
    public var timeouts: UpstreamTimeouts
    /// What the request is signed with, as the last thing before it is sent; nil for no signature.
    public var signing: AWSSigning?

    public init(
        method: String,
        url: String,
        headers: [HeaderField] = [],
        body: Body = .none,
        timeouts: UpstreamTimeouts = .init(),
        signing: AWSSigning? = nil
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeouts = timeouts
        self.signing = signing
    }
}

/// How long to wait for what; each is independent of the others.
public struct UpstreamTimeouts: Sendable, Hashable {
    /// From the start to an established connection, name look-up and TLS included. Default 10 s.
    public var connect: Duration
    /// From the start to the first byte of the response's body (a header alone doesn't count). Default 600 s: models think.
    public var firstByte: Duration
    /// Between two pieces of the body; comments and heartbeats count as pieces. Default 300 s.
    public var idle: Duration

    public init(
        connect: Duration = .seconds(10),
        firstByte: Duration = .seconds(600),
        idle: Duration = .seconds(300)
    ) {
        self.connect = connect
        self.firstByte = firstByte
        self.idle = idle
    }
}
