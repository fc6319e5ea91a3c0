public import Upstream

/// Where requests can be sent.
public struct UpstreamTarget: Sendable {
    public enum Kind: Sendable {
        /// A server, and how it is shown who pays.
        case http(url: UpstreamURL, authentication: UpstreamAuthentication = .callers)
        /// A server whose address is to be in an environment variable, which isn't set.
        case unset(variable: String)
        /// A cassette; no network is touched.
        case replay(TapeSetting)
    }

    public var name: String
    public var kind: Kind
    /// What it speaks; nil for what requests' paths tell.
    public var dialect: UpstreamDialect?
    /// What it gets in place of some paths; the first that is for a path counts.
    public var paths: [PathRule]
    public var timeouts: UpstreamTimeouts

    public init(
        name: String,
        kind: Kind,
        dialect: UpstreamDialect? = nil,
        paths: [PathRule] = [],
        timeouts: UpstreamTimeouts = .init()
    ) {
        self.name = name
        self.kind = kind
        self.dialect = dialect
        self.paths = paths
        self.timeouts = timeouts
    }

    /// What is asked of it, in its own paths.
    func target(_ path: String, query: String?) -> String {
        let path = paths.lazy.compactMap { $0.apply(to: path) }.first ?? path
        return query.map { "\(path)?\($0)" } ?? path
    }
}
