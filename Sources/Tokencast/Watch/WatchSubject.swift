/// What `watch` follows: a stream or a channel of a running Tokencast.
public enum WatchSubject: Sendable, Hashable {
    case stream(String)
    case channel(String)

    /// A stream's id is 36 characters of base 32; anything else names a channel.
    public init(_ text: String) {
        let isID = text.utf8.count == 36 && text.utf8.allSatisfy { (48...57).contains($0) || (97...118).contains($0) }
        self = isID ? .stream(text) : .channel(text)
    }

    private var path: String {
        switch self {
        case .stream(let id): "/streams/\(id)"
        case .channel(let name): "/channels/\(name)"
        }
    }

    /// Its events. A server that never answered is an error at once; one that was there is waited for.
    ///
    /// - Parameters:
    ///   - base: where Tokencast listens: `http://127.0.0.1:8653`.
    ///   - since: `earliest`, `now` or an event's id; nil for `now` in a channel and `earliest` in a stream.
    ///   - key: a key of the server's that may read it; nil for none.
    public func events(of base: String, since: String?, key: String?) -> TokenStream {
        let start: TokenStream.Since = if case .stream = self { .earliest } else { .now }
        return TokenStream(
            (base.hasSuffix("/") ? String(base.dropLast()) : base) + path,
            since: since.map { .event($0) } ?? start,
            key: key,
            reconnection: TokenStream.Reconnection(waitsForFirst: false)
        )
    }
}
