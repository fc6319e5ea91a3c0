/// Where two texts part.
struct TextDifference: Sendable, Hashable {
    /// 1-based.
    var line: Int
    /// 1-based, in characters as Unicode counts them.
    var column: Int
    /// The surroundings, on one line each.
    var left: String
    var right: String

    private static let before = 24
    private static let behind = 48

    /// Nil where they are the same.
    init?(_ left: String, _ right: String) {
        var (one, other) = (left.unicodeScalars[...], right.unicodeScalars[...])
        (line, column) = (1, 1)
        var common = Substring.UnicodeScalarView()
        while let scalar = one.first, scalar == other.first {
            one.removeFirst()
            other.removeFirst()
            common.append(scalar)
            if scalar == "\n" {
                line += 1
                column = 1
                common = Substring.UnicodeScalarView()
            } else {
                column += 1
            }
        }
        if one.isEmpty, other.isEmpty { return nil }
        let head =
            (common.count > Self.before ? "…" : "") + String(String.UnicodeScalarView(common.suffix(Self.before)))
        self.left = head + Self.tail(one)
        self.right = head + Self.tail(other)
    }

    private static func tail(_ rest: Substring.UnicodeScalarView) -> String {
        let shown = rest.prefix(behind)
        return String(String.UnicodeScalarView(shown)) + (rest.dropFirst(behind).isEmpty ? "" : "…")
    }
}
