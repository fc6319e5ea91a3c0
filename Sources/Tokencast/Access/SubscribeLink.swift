import Server

/// A signed link: whoever has it may read one stream or channel until it ends, and do nothing else.
///
/// ```swift
/// let link = SubscribeLink(channel: "demo", expires: now + 3600)
/// page.eventSource = try link.url(base: "https://tokens.example", secret: secret)
/// ```
///
/// It is `?expires=SECONDS&signature=…`, the signature being HMAC-SHA256 in base64url (RFC 4648, section 5, no padding)
/// over the text before `&signature`. Other parameters may be added behind it.
public struct SubscribeLink: Sendable, Hashable {
    /// Why there is no link.
    public struct Problem: Error, Sendable, Hashable, CustomStringConvertible {
        public let description: String
    }

    /// `/streams/{id}` or `/channels/{name}`.
    public let path: String
    /// Seconds since 1970 at which it ends.
    public var expires: Int

    private let resource: LinkResource

    /// A link to a stream, by its id.
    ///
    /// - Throws: ``Problem`` where that can't be an id.
    public init(stream: String, expires: Int) throws(Problem) {
        try self.init(path: "/streams/\(stream)", expires: expires)
    }

    /// A link to a channel, by its name.
    ///
    /// - Throws: ``Problem`` where that can't be a name.
    public init(channel: String, expires: Int) throws(Problem) {
        try self.init(path: "/channels/\(channel)", expires: expires)
    }

    /// A link to a path.
    ///
    /// - Throws: ``Problem`` where it is neither `/streams/{id}` nor `/channels/{name}`, or the time is before 1970.
    public init(path: String, expires: Int) throws(Problem) {
        guard let resource = LinkResource(path: path) else {
            throw Problem(description: "'\(path)' is neither /streams/ID nor /channels/NAME")
        }
        guard expires >= 0 else { throw Problem(description: "a link can't end before 1970") }
        self.resource = resource
        self.path = resource.path
        self.expires = expires
    }

    /// The path with its query.
    ///
    /// - Parameter secret: the server's `access.linkSecret`, or the first of several; 16 bytes at least.
    /// - Throws: ``Problem`` where the secret is shorter.
    public func target(secret: String) throws(Problem) -> String {
        guard secret.utf8.count >= LinkSigner.shortestSecret,
            let target = LinkSigner(secrets: [secret]).target(of: resource, expires: expires)
        else { throw Problem(description: "a link's secret has \(LinkSigner.shortestSecret) bytes at least") }
        return target
    }

    /// The whole URL.
    ///
    /// - Parameters:
    ///   - base: where the server is reached, as `https://tokens.example`; a path at its end is kept.
    ///   - secret: as in ``target(secret:)``.
    public func url(base: String, secret: String) throws(Problem) -> String {
        var base = base[...]
        while base.last == "/" { base.removeLast() }
        return base + (try target(secret: secret))
    }
}
