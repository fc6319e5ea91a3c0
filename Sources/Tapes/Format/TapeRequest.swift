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

    /// The member `model` of a JSON body.
    public var model: String? {
        if case .json(let value) = body { value["model"]?.string } else { nil }
    }

    /// Whether the request asks for a stream: by `"stream": true` in its body, by `alt=sse` in its query, or by
    /// Gemini's method for it.
    public var asksForStream: Bool {
        if case .json(let value) = body, value["stream"]?.bool == true { return true }
        if path.hasSuffix(":streamGenerateContent") { return true }
        return query.contains { $0.name.hasSameBytes(as: "alt") && $0.value.hasSameBytes(as: "sse") }
    }
}
