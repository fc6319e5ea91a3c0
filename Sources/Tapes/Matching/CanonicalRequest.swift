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
    /// The digest of all of it in lower-case hex: equal requests have equal keys.
    public let key: String

    /// The first 8 digits of the key, as file names have them.
    public var key8: String { String(key.prefix(8)) }

    public init(_ request: TapeRequest, rules: CassetteRules = CassetteRules()) {
        method = request.method
        path = request.path
        asksForStream = request.asksForStream
        query = rules.match == nil ? Self.sorted(request.query) : []
        var content: JSONValue
        switch request.body {
        case .none:
            body = nil
            content = .null
        case .raw(let type, let bytes):
            // The parameters of a type may hold a boundary, which is another each time.
            let media = type.utf8.prefix { $0 != UInt8(ascii: ";") && $0 != UInt8(ascii: " ") }
            body = nil
            content = .array([
                .string(AllowList.lowercase(String(decoding: media, as: UTF8.self))), .string(SHA256.hex(of: bytes)),
            ])
        case .json(let value):
            let narrowed = Self.narrow(value, to: rules.match)
            let ignored = Self.volatile + rules.ignore
            var canonical = CanonicalJSON()
            let normalised = canonical.normalise(
                narrowed,
                ignoring: ignored.map { $0.tokens[...] },
                replacing: rules.replace.map { .init(path: $0.pointer.tokens[...], patterns: $0.patterns) }
            )
            content = normalised ?? .object([])
            body = content
        }
        let whole = JSONValue.array([
            .string(Self.version), .string(method), .string(path),
            .array(query.map { .array([.string($0.name), .string($0.value)]) }),
            .bool(asksForStream), content,
        ])
        key = SHA256.hex(of: whole.jsonBytes)
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

    private static func narrow(_ value: JSONValue, to names: [String]?) -> JSONValue {
        guard let names, let members = value.members else { return value }
        return JSONValue(.object(members.filter { member in names.contains { $0.hasSameBytes(as: member.name) } }))
    }
}
