import Tapes

/// Sends what it matches to an upstream.
public struct Route: Sendable {
    /// A pattern for the request body's `model`, where `*` stands for any text; nil matches any request.
    public var model: String?
    /// A pattern for the path.
    public var path: String?
    /// The name of the upstream.
    public var upstream: String
    /// What is spoken there; nil for what the upstream is said to speak.
    public var dialect: UpstreamDialect?
    /// Its tapes; nil for none.
    public var tapes: TapeSetting?
    /// What becomes of a request whose caller leaves. Default: its upstream is closed.
    public var onDisconnect: OnDisconnect

    public init(
        model: String? = nil,
        path: String? = nil,
        upstream: String,
        dialect: UpstreamDialect? = nil,
        tapes: TapeSetting? = nil,
        onDisconnect: OnDisconnect = .cancel
    ) {
        self.model = model
        self.path = path
        self.upstream = upstream
        self.dialect = dialect
        self.tapes = tapes
        self.onDisconnect = onDisconnect
    }

    func matches(path requestPath: String, model requestModel: String?) -> Bool {
        if let path, !wildcard(path, matches: requestPath) { return false }
        if let model {
            guard let requestModel, wildcard(model, matches: requestModel) else { return false }
        }
        return true
    }
}
