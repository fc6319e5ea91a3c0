/// The directory within a cassette that a set of tapes lives in: `tests/chat`.
///
/// A scope comes from a header, a base URL or a file, so it is checked once, here, and can't leave the cassette: up to
/// 8 segments of letters, digits, `.`, `_`, `-` (64 at most), none of which starts with a dot or a dash.
public struct TapeScope: Sendable, Hashable, CustomStringConvertible {
    /// The cassette's own directory.
    public static let root = TapeScope(segments: [])

    public let segments: [String]

    private init(segments: [String]) {
        self.segments = segments
    }

    /// Reads a scope; nil where it isn't one. The empty text is the root.
    public init?(_ text: String) {
        guard !text.utf8.isEmpty else {
            self = .root
            return
        }
        let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard parts.count <= 8 else { return nil }
        var segments: [String] = []
        for part in parts {
            guard let first = part.first, part.count <= 64, first != UInt8(ascii: "."), first != UInt8(ascii: "-"),
                part.allSatisfy(PlainName.isPlain)
            else { return nil }
            segments.append(String(decoding: part, as: UTF8.self))
        }
        self.segments = segments
    }

    public var description: String { segments.joined(separator: "/") }
}
