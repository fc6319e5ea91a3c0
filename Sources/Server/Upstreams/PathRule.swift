/// What an upstream gets in place of a path that its API has elsewhere.
public struct PathRule: Sendable, Hashable {
    private let head: Substring
    /// Behind the star; nil where there is none.
    private let tail: Substring?
    private let replacement: String

    /// - Parameters:
    ///   - pattern: a path, with one `*` at most, which stands for any text.
    ///   - replacement: a path, with one `*` at most, which stands for what the pattern's stood for.
    /// - Returns: nil where either has another form, or only the replacement has a star.
    public init?(pattern: String, replacement: String) {
        let parts = pattern.split(separator: "*", omittingEmptySubsequences: false)
        let stars = replacement.utf8.count { $0 == UInt8(ascii: "*") }
        let isPath = replacement.utf8.first == UInt8(ascii: "/")
        let isPlain = (pattern + replacement).utf8.allSatisfy {
            $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#")
        }
        guard !pattern.isEmpty, parts.count <= 2, isPath, isPlain, stars < parts.count else { return nil }
        head = parts[0]
        tail = parts.count > 1 ? parts[1] : nil
        self.replacement = replacement
    }

    /// The path to send in place of `path`; nil where the rule isn't for it.
    func apply(to path: String) -> String? {
        let bytes = path.utf8
        guard let tail else { return bytes.elementsEqual(head.utf8) ? replacement : nil }
        guard bytes.count >= head.utf8.count + tail.utf8.count, bytes.starts(with: head.utf8),
            bytes.suffix(tail.utf8.count).elementsEqual(tail.utf8)
        else { return nil }
        let middle = bytes.dropFirst(head.utf8.count).dropLast(tail.utf8.count)
        let parts = replacement.split(separator: "*", maxSplits: 1, omittingEmptySubsequences: false)
        return parts.joined(separator: String(decoding: middle, as: UTF8.self))
    }
}
