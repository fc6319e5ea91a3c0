public import Dialects

/// A request as a tape holds it: allowed headers and query items only, secrets masked.
///
/// A live request becomes one by ``init(_:secrets:)``, a recorded one by reading its tape; from here on both are the
/// same thing, which is what makes their keys comparable.
public struct TapeRequest: Sendable {
    public enum Body: Sendable {
        case none
        /// A JSON object, nested 64 deep at most and with no name twice.
        case json(JSONValue)
        /// Anything else, as it was sent.
        case raw(contentType: String, bytes: [UInt8])
    }

    public var method: String
    /// The path without query, percent-encoded as it was sent.
    public var path: String
    /// The allowed query items in their order, percent-encoded as they were sent.
    public var query: [TapeField]
    public var headers: [TapeField]
    public var body: Body
    /// Whether the body holds digests in place of what was sent: a text `sha256:…` for each member but `model` and
    /// `stream`, for each element of a top-level array, or for a body that isn't a JSON object.
    public var isHashed = false

    public init(
        method: String,
        path: String,
        query: [TapeField] = [],
        headers: [TapeField] = [],
        body: Body = .none
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
    }

    /// The model that is asked for: the member `model` of a JSON body, or what the path names.
    public var model: String? { member("model")?.string ?? Dialect.model(inPath: path) }

    /// Whether the request asks for a stream: by its path, its body or its query.
    public var asksForStream: Bool {
        let alt = query.last { $0.name.hasSameBytes(as: "alt") }
        return Dialect.asksForStream(path: path, alt: alt?.value, member: member("stream")?.bool)
    }

    private func member(_ name: String) -> JSONValue? {
        if case .json(let value) = body { value[name] } else { nil }
    }
}
