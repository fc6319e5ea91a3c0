import NIOHTTP1
import Upstream

/// What pages of other origins are told, so that their browser lets them send and read (Fetch standard, "CORS
/// protocol"). Only for origins that are configured, without cookies.
struct CrossOrigin: Sendable, Hashable {
    /// The page's origin, as its browser wrote it.
    var origin: String

    /// How long a browser may keep the answer to a preflight, in seconds.
    static let maximumAge = 3600
    private static let methods = "GET, HEAD, POST, PUT, PATCH, DELETE"
    private static let exposed =
        "Tokencast-Stream, Tokencast-Status, Tokencast-Next, Tokencast-Tape, Tokencast-Tape-Age, Location, Retry-After, X-Request-Id, Request-Id"
    private static let allowed: Set<String> = [
        "accept", "authorization", "cache-control", "content-type", "last-event-id", "api-key", "x-api-key",
    ]
    private static let allowedPrefixes = ["tokencast-", "x-stainless-", "anthropic-", "openai-", "x-goog-", "ce-"]

    /// The headers of an answer: what the upstream says of the matter is for its own pages.
    func apply(to headers: [HeaderField]) -> [HeaderField] {
        headers.filter { !$0.name.lowercased().hasPrefix("access-control-") } + [
            HeaderField("Access-Control-Allow-Origin", origin),
            HeaderField("Access-Control-Expose-Headers", Self.exposed),
            HeaderField("Vary", "Origin"),
        ]
    }

    /// Whether a request only asks whether another may be sent.
    static func isPreflight(_ head: HTTPRequestHead) -> Bool {
        head.method == .OPTIONS && head.headers.contains(name: "origin")
            && head.headers.contains(name: "access-control-request-method")
    }

    /// What a preflight is answered: of the headers that are asked for those that may be sent.
    func preflight(_ head: HTTPRequestHead) -> [HeaderField] {
        var fields = [
            HeaderField("Access-Control-Allow-Origin", origin),
            HeaderField("Access-Control-Allow-Methods", Self.methods),
            HeaderField("Access-Control-Max-Age", "\(Self.maximumAge)"),
            HeaderField("Vary", "Origin, Access-Control-Request-Headers"),
        ]
        let asked = head.headers["access-control-request-headers"].flatMap { $0.split(separator: ",") }
            .map { $0.filter { !$0.isWhitespace }.lowercased() }
            .filter { name in Self.allowed.contains(name) || Self.allowedPrefixes.contains(where: name.hasPrefix) }
        if !asked.isEmpty { fields.append(HeaderField("Access-Control-Allow-Headers", asked.joined(separator: ", "))) }
        // A public page that calls a private address asks for this one as well (Private Network Access).
        if head.headers.first(name: "access-control-request-private-network") == "true" {
            fields.append(HeaderField("Access-Control-Allow-Private-Network", "true"))
        }
        return fields
    }
}
