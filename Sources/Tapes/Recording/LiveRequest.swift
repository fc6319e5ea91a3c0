import Dialects

/// A request as it came in, before anything is left out of it.
public struct LiveRequest: Sendable {
    public var method: String
    /// The path without query; an option prefix (`/~channel=demo`) is stripped already.
    public var path: String
    /// The query without its `?`, as it was sent.
    public var query: String
    public var headers: [(name: String, value: String)]
    public var body: [UInt8]

    public init(
        method: String,
        path: String,
        query: String = "",
        headers: [(name: String, value: String)] = [],
        body: [UInt8] = []
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
    }

    /// Takes a request target (`/v1/chat/completions?beta=true`) apart.
    public init(
        method: String,
        target: String,
        headers: [(name: String, value: String)] = [],
        body: [UInt8] = []
    ) {
        let parts = target.utf8.split(separator: UInt8(ascii: "?"), maxSplits: 1, omittingEmptySubsequences: false)
        self.init(
            method: method,
            path: parts.first.map { String(decoding: $0, as: UTF8.self) } ?? "",
            query: parts.count > 1 ? String(decoding: parts[1], as: UTF8.self) : "",
            headers: headers,
            body: body
        )
    }
}

extension TapeRequest {
    /// Makes of a live request what may be stored and compared: by the allow-lists, with the secrets masked.
    ///
    /// A body that is one JSON object is kept as such; anything else (another type, nested too deep, a name twice) as
    /// its bytes.
    public init(_ live: LiveRequest, secrets: TapeSecrets = .none) {
        self.init(
            method: live.method,
            path: secrets.masking(live.path),
            query: Self.allowedQuery(live.query).map { TapeField($0.name, secrets.masking($0.value)) },
            headers: AllowList.requestHeaders.filter(live.headers, masking: secrets)
        )
        guard !live.body.isEmpty else { return }
        if let value = try? JSONValue(parsing: live.body), value.members != nil {
            body = .json(secrets.masking(value))
        } else {
            let type = live.headers.last { AllowList.lowercase($0.name).hasSameBytes(as: "content-type") }?.value
            let bytes = SecretScrubber.masking(live.body, secrets, contentType: type)
            body = .raw(contentType: secrets.masking(type ?? ""), bytes: bytes)
        }
    }

    private static func allowedQuery(_ query: String) -> [TapeField] {
        query.utf8.split(separator: UInt8(ascii: "&")).compactMap { item in
            let parts = item.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            let name = parts.first.map { String(decoding: $0, as: UTF8.self) } ?? ""
            guard AllowList.query.allows(name) else { return nil }
            return TapeField(name, parts.count > 1 ? String(decoding: parts[1], as: UTF8.self) : "")
        }
    }
}
