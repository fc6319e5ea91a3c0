import Dialects

/// One of Tokencast's own routes: what the router dispatches by, and what documents of the API are made of.
public struct Endpoint: Sendable {
    /// What is done there.
    public enum Operation: String, Sendable, CaseIterable {
        case index
        case health
        case readiness
        case metrics
        case listStreams
        case createStream
        case readStream
        case cancelStream
        case listChannels
        case readChannel
        case publish
        case listTapes
        case verifyTapes
        case listTapeRequests
        case resetTapes
    }

    /// What a caller must be allowed to, where keys are configured.
    public enum Access: String, Sendable, CaseIterable {
        /// Anybody may.
        case open
        /// A key that exists, whatever its scopes: each sees what it may.
        case key
        /// The scope `call`.
        case call
        /// The key that made the stream, `subscribe` on its channel, or a signed link.
        case readStream
        /// The key that made the stream, or the scope `admin`.
        case cancelStream
        /// The scope `subscribe` on the channel, or a signed link.
        case subscribe
        /// The scope `publish` on the channel.
        case publish
        /// The scope `admin`.
        case admin
    }

    /// What a request with a body may hold.
    public struct Body: Sendable {
        /// Media types, without parameters.
        public var types: [String]
        public var summary: String
    }

    /// One of the answers.
    public struct Answer: Sendable {
        public var status: Int
        /// The body's media type; nil where there is none.
        public var type: String?
        public var summary: String

        init(_ status: Int, _ type: String?, _ summary: String) {
            self.status = status
            self.type = type
            self.summary = summary
        }
    }

    public var operation: Operation
    /// `GET` is `HEAD` as well.
    public var method: String
    /// With variables as in `/streams/{id}`.
    public var path: String
    public var summary: String
    public var access: Access
    public var parameters: [Parameter]
    public var body: Body?
    public var answers: [Answer]

    init(
        _ operation: Operation,
        _ method: String,
        _ path: String,
        _ access: Access,
        _ summary: String,
        parameters: [Parameter] = [],
        body: Body? = nil,
        answers: [Answer]
    ) {
        self.operation = operation
        self.method = method
        self.path = path
        self.access = access
        self.summary = summary
        self.parameters = parameters
        self.body = body
        self.answers = answers
    }

    func takes(method: String) -> Bool { method == self.method || method == "HEAD" && self.method == "GET" }

    /// The variables of a path that this endpoint is at; nil for other paths. A variable is one segment, never empty.
    func variables(in path: String) -> [String: String]? {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        let names = self.path.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == names.count else { return nil }
        var variables: [String: String] = [:]
        for (part, name) in zip(parts, names) {
            if name.hasPrefix("{"), !part.isEmpty {
                variables[String(name.dropFirst().dropLast())] = String(part).percentDecoded
            } else if part != name {
                return nil
            }
        }
        return variables
    }
}
