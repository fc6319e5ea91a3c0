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

    /// Whether its host is this machine.
    var isLoopback: Bool {
        let authority = origin.drop { $0 != "/" }.dropFirst(2)
        return RequestPolicy.name(ofHost: String(authority)).map(RequestPolicy.isLoopback(name:)) ?? false
    }

    public var description: String { origin + basePath }

    /// The URL of a request target, which is put behind the base path. A base URL fits whether it has the head of the
    /// requests' paths or not:
    ///
    /// - What the base path ends with and the target begins with isn't doubled: `/openai/v1` and `/v1/models`, or
    ///   `/openai/v1/models`, make `/openai/v1/models`.
    /// - Of two versions, the target's counts: `/v1beta` and `/v1/models` make `/v1/models`.
    package func url(for target: String) -> String {
        guard !basePath.isEmpty else { return origin + target }
        let base = basePath.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).dropFirst()
        let path = target.utf8.prefix { $0 != UInt8(ascii: "?") }.dropFirst()
        let segments = path.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        var kept = base.count
        let longest = min(base.count, segments.count)
        if let count = stride(from: longest, to: 0, by: -1).first(where: { count in
            zip(base.suffix(count), segments).allSatisfy { $0.elementsEqual($1) }
        }) {
            kept -= count
        } else if let last = base.last, let first = segments.first, Self.isVersion(last), Self.isVersion(first) {
            kept -= 1
        }
        return origin + base.prefix(kept).map { "/" + String(decoding: $0, as: UTF8.self) }.joined() + target
    }

    /// `v1`, `v2`, `v1beta`, `v1alpha2` and the like.
    private static func isVersion(_ segment: Substring.UTF8View.SubSequence) -> Bool {
        func dropDigits(_ text: Substring.UTF8View) -> Substring.UTF8View { text.drop { (48...57).contains($0) } }
        guard segment.first == UInt8(ascii: "v") else { return false }
        let number = segment.dropFirst()
        let stage = dropDigits(number)
        guard stage.count < number.count else { return false }
        for name in ["alpha", "beta"] where stage.starts(with: name.utf8) {
            return dropDigits(stage.dropFirst(name.utf8.count)).isEmpty
        }
        return stage.isEmpty
    }
}
