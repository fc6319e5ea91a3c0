import Dialects
import NIOCore

/// What a request tells a router: its path, its query, and its JSON body, found without building a tree.
struct RequestPeek {
    /// The model that is asked for: in the path, where the provider looks for it there, else in the body.
    private(set) var model: String?
    /// Whether a stream is asked for.
    private(set) var isStream = false

    /// - Parameters:
    ///   - path: the path without options and query.
    ///   - query: without its question mark.
    ///   - body: empty where it isn't known.
    init(path: String, query: String?, body: ByteBuffer = ByteBuffer()) {
        let members = body.withUnsafeReadableBytes { Members($0.bytes) }
        model = Dialect.model(inPath: path) ?? members.model
        var alt: String?
        for item in query?.split(separator: "&") ?? [] where item.hasPrefix("alt=") { alt = String(item.dropFirst(4)) }
        isStream = Dialect.asksForStream(path: path, alt: alt, member: members.stream)
    }

    private struct Members {
        var model: String?
        var stream: Bool?

        init(_ bytes: RawSpan) {
            var scanner = JSONScanner(bytes)
            guard scanner.enterObject(in: bytes) else { return }
            while let key = scanner.nextKey(in: bytes), let value = scanner.nextValue(in: bytes) {
                if key.equals("model", in: bytes) {
                    model = value.string(in: bytes)
                } else if key.equals("stream", in: bytes) {
                    stream = value.kind == .bool ? value.raw(in: bytes) == "true" : nil
                }
            }
        }
    }
}
