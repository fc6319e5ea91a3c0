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
