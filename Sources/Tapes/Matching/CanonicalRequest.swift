public import Dialects

/// What of a request counts when a tape is looked for, in one way of writing.
///
/// Method, path, allowed query, whether a stream is wanted, and the JSON body with its members sorted by bytes and its
/// numbers normalised. What changes from run to run without meaning anything (`user`, `metadata.user_id`,
/// `safety_identifier`, `prompt_cache_key`) is left out. Live and recorded requests go through here alike, and keys are
/// computed at load, so rules may change without recording again.
public struct CanonicalRequest: Sendable {
    /// The version of these rules.
    public static let version = "c1"

    public let method: String
    public let path: String
    /// Sorted by name and value; empty where `match` narrows the request.
    public let query: [TapeField]
    public let asksForStream: Bool
    /// The JSON body as far as it counts, normalised; nil where the body isn't a JSON object.
    public let body: JSONValue?
    /// Whether the body holds digests in place of values.
    public let isHashed: Bool
    /// What stands for the body in the name's digest.
    private let content: JSONValue
    /// What goes before it.
    private let head: [JSONValue]
    /// A digest of all of it in lower-case hex: equal requests have equal keys, whether their bodies are there or only
    /// digests of them.
    public let key: String

    /// The first 8 digits of another digest of it, as file names and reports have them. A request of which only digests
    /// are there can't have the same as before.
    public var key8: String { String(SHA256.hex(of: JSONValue.array(head + [content]).jsonBytes).prefix(8)) }

    public init(_ request: TapeRequest, rules: CassetteRules = CassetteRules()) {
        method = request.method
        let dialect = rules.paths == .dialect ? Dialect.matching(path: request.path) : .generic
        let isPathFree = dialect.name != Dialect.generic.name
        // Gemini's answer is an event stream or an array by this item alone.
        let alt = request.query.contains { $0.name.hasSameBytes(as: "alt") && $0.value.hasSameBytes(as: "sse") }
        path = isPathFree ? dialect.name + (alt ? "?alt=sse" : "") : request.path
        asksForStream = request.asksForStream
        query = rules.match == nil && !isPathFree ? Self.sorted(request.query) : []
        isHashed = request.isHashed
        let comparable: JSONValue
        switch request.body {
        case .none:
            body = nil
            content = .null
            comparable = content
        case .raw(let type, let bytes):
            // The parameters of a type may hold a boundary, which is another each time.
            let media = type.utf8.prefix { $0 != UInt8(ascii: ";") && $0 != UInt8(ascii: " ") }
            let digest = isHashed ? RequestDigest.hex(String(decoding: bytes, as: UTF8.self)) : SHA256.hex(of: bytes)
            body = nil
            content = .array([
                .string(AllowList.lowercase(String(decoding: media, as: UTF8.self))), .string(digest),
            ])
            comparable = content
        case .json(let value):
            let named = isPathFree ? Self.naming(Dialect.model(inPath: request.path), in: value) : value
            let narrowed = Self.narrow(named, to: rules.match)
            let ignored = Self.volatile + rules.ignore
            var canonical = CanonicalJSON()
            let normalised = canonical.normalise(
                narrowed,
                ignoring: ignored.map { $0.tokens[...] },
                // In a digest there is nothing to replace.
                replacing: isHashed
                    ? [] : rules.replace.map { .init(path: $0.pointer.tokens[...], patterns: $0.patterns) }
            )
            content = normalised ?? .object([])
            body = content
            comparable = RequestDigest.body(content, isHashed: isHashed)
        }
        head = [
            .string(Self.version), .string(method), .string(path),
            .array(query.map { .array([.string($0.name), .string($0.value)]) }), .bool(asksForStream),
        ]
        key = SHA256.hex(of: JSONValue.array(head + [comparable]).jsonBytes)
    }

    /// A member of a body in canonical form, as an object; nil where it doesn't count.
    static func canonical(_ member: JSONValue.Member) -> JSONValue? {
        var canonical = CanonicalJSON()
        return canonical.normalise(
            JSONValue(.object([member])),
            ignoring: volatile.map { $0.tokens[...] },
            replacing: []
        )
    }

    /// `stream` is a flag of its own: absent and false are the same.
    private static let volatile = [
        ["stream"], ["user"], ["metadata", "user_id"], ["safety_identifier"], ["prompt_cache_key"],
    ].map { JSONValue.Pointer(tokens: $0) }

    private static func sorted(_ query: [TapeField]) -> [TapeField] {
        query.sorted {
            $0.name.hasSameBytes(as: $1.name)
                ? $0.value.utf8.lexicographicallyPrecedes($1.value.utf8)
                : $0.name.utf8.lexicographicallyPrecedes($1.name.utf8)
        }
    }

    /// A body with the model that its path names.
    private static func naming(_ model: String?, in body: JSONValue) -> JSONValue {
        guard let model, let members = body.members, body["model"] == nil else { return body }
        return JSONValue(.object(members + [.init("model", .string(model))]))
    }

    private static func narrow(_ value: JSONValue, to names: [String]?) -> JSONValue {
        guard let names, let members = value.members else { return value }
        return JSONValue(.object(members.filter { member in names.contains { $0.hasSameBytes(as: member.name) } }))
    }
}
