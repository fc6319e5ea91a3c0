import Broadcast
import Dialects
import NIOHTTP1

/// Keeps web pages out: a browser is not a friend by being on the same machine.
///
/// Any page can make a browser send requests to loopback. Without these checks it could spend the keys that Tokencast
/// puts in, or read streams through a name that resolves to 127.0.0.1.
public struct RequestPolicy: Sendable {
    var allowedHosts: [String]
    var allowedOrigins: [String]
    /// Whether the server is there for other machines, which call it what they like; its keys are what guards it.
    var takesAnyHost = false

    /// Why a request is refused.
    struct Refusal: Equatable {
        var status: Int
        var message: String
    }

    /// Checks `Host` and `Origin`; nil lets the request through.
    func refusal(of head: HTTPRequestHead) -> Refusal? {
        let hosts = head.headers["host"]
        guard hosts.count == 1, let host = hosts.first else {
            return Refusal(status: 400, message: "a request needs exactly one Host header")
        }
        guard isLocal(host: host) else {
            return Refusal(
                status: 403,
                message: "the Host '\(host)' is neither a loopback name nor in listen.allowedHosts"
            )
        }
        if head.headers.contains(name: "origin"),
            let origin = head.headers["origin"].first(where: { !isAllowed(origin: $0, host: host) })
        {
            return Refusal(status: 403, message: "the Origin '\(origin)' is not in listen.allowedOrigins")
        }
        if isFromForeignPage(head) {
            return Refusal(status: 403, message: "a page of another site can't be answered: it named no Origin")
        }
        return nil
    }

    /// Whether a page of another site loads this as an image, a script or the like: such a request bears no `Origin`,
    /// but browsers say where it comes from (Fetch Metadata). To follow a link here is fine.
    private func isFromForeignPage(_ head: HTTPRequestHead) -> Bool {
        guard !head.headers.contains(name: "origin"), let site = head.headers.first(name: "sec-fetch-site") else {
            return false
        }
        return site != "same-origin" && site != "none" && head.headers.first(name: "sec-fetch-mode") != "navigate"
    }

    /// Checks a proxied request with a body: what a page could send without being asked for leave first is refused.
    ///
    /// A browser sends `text/plain`, forms and untyped bodies across origins unasked (Fetch standard, "CORS-safelisted
    /// request-header"). A credential in a header can't be sent so, and lets them through: SDKs upload files as forms.
    /// An untyped body, as some clients send their JSON, passes without one where nothing shows a page behind it: with a
    /// POST every browser names an `Origin`.
    func bodyRefusal(of head: HTTPRequestHead) -> Refusal? {
        guard head.method != .GET, head.method != .HEAD, hasBody(head) else { return nil }
        if Self.credentials.contains(where: head.headers.contains(name:)) { return nil }
        // No page sends these unasked either, and their data may be of any type.
        if CloudEvent.isBinary(headers: head.headers.lazy.map(\.name)) { return nil }
        let type = head.headers.first(name: "content-type").map(MediaType.essence) ?? ""
        if type.isEmpty, !mayBeFromPage(head) { return nil }
        switch type {
        case "", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data":
            let given = type.isEmpty ? "no content-type" : "content-type '\(type)'"
            return Refusal(
                status: 415,
                message: "a request with \(given) needs a credential header; send JSON as application/json"
            )
        default:
            return nil
        }
    }

    private static let credentials = ["authorization", "x-api-key", "api-key", "x-goog-api-key", "tokencast-key"]

    /// Whether a browser may have sent this: with what a page does it says where from, in one of these headers.
    private func mayBeFromPage(_ head: HTTPRequestHead) -> Bool {
        ["origin", "referer", "sec-fetch-site", "sec-fetch-mode"].contains(where: head.headers.contains(name:))
    }

    private func hasBody(_ head: HTTPRequestHead) -> Bool {
        if head.headers.contains(name: "transfer-encoding") { return true }
        guard let length = head.headers.first(name: "content-length") else { return false }
        return length != "0"
    }

    private func isLocal(host: String) -> Bool {
        if Self.isPlainLoopback(host: host) { return true }
        guard let name = Self.name(ofHost: host) else { return false }
        if takesAnyHost, allowedHosts.isEmpty { return true }
        return Self.isLoopback(name: name) || allowedHosts.contains { $0.lowercased() == name }
    }

    /// Whether a page of that origin may call: one that this very address gave out, or a configured one.
    private func isAllowed(origin: String, host: String) -> Bool {
        if isConfigured(origin: origin) { return true }
        let origin = origin.lowercased()
        return ["http://", "https://"].contains { origin == $0 + host.lowercased() }
    }

    private func isConfigured(origin: String) -> Bool {
        let origin = origin.lowercased()
        return allowedOrigins.contains { $0 == "*" || $0.lowercased() == origin }
    }

    /// What the page is told that a request comes from; nil where it is of no configured origin.
    func crossOrigin(of head: HTTPRequestHead) -> CrossOrigin? {
        guard !allowedOrigins.isEmpty else { return nil }
        let origins = head.headers["origin"]
        guard origins.count == 1, let origin = origins.first, isConfigured(origin: origin) else { return nil }
        return CrossOrigin(origin: origin)
    }

    /// Whether a text is a page's origin as browsers write it (RFC 6454, section 6.1).
    public static func isOrigin(_ text: String) -> Bool {
        let scheme = text.prefix { $0 != ":" }
        // Extensions of browsers and apps have schemes of their own.
        guard scheme.first?.isLetter == true, scheme.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x2F }),
            text.dropFirst(scheme.count).hasPrefix("://")
        else { return false }
        let host = text.dropFirst(scheme.count + 3)
        guard !host.contains(where: { "/?#@".contains($0) || $0.isWhitespace }) else { return false }
        return name(ofHost: String(host)) != nil
    }

    /// The host without its port, in lower case; nil where it is neither.
    static func name(ofHost host: String) -> String? {
        let host = host.lowercased()
        if host.utf8.first == UInt8(ascii: "[") {
            guard let end = host.firstIndex(of: "]") else { return nil }
            let rest = host[host.index(after: end)...]
            guard rest.isEmpty || rest.first == ":" && rest.utf8.dropFirst().allSatisfy(\.isDigit) else { return nil }
            return String(host[...end])
        }
        let parts = host.split(separator: ":", omittingEmptySubsequences: false)
        guard let name = parts.first, !name.isEmpty, parts.count <= 2 else { return nil }
        guard parts.count == 1 || parts[1].utf8.allSatisfy(\.isDigit) else { return nil }
        return String(name)
    }

    /// Whether a `Host` is one of loopback's names as nearly everybody writes them: what isn't may be one all the same.
    private static func isPlainLoopback(host: String) -> Bool {
        plainNames.contains { name in
            guard host.utf8.starts(with: name.utf8) else { return false }
            let rest = host.utf8.dropFirst(name.utf8.count)
            return rest.isEmpty || rest.first == UInt8(ascii: ":") && rest.dropFirst().allSatisfy(\.isDigit)
        }
    }

    private static let plainNames = ["127.0.0.1", "localhost", "[::1]"]

    /// Whether an address or a name is loopback's: IPv6 without brackets, as it is configured.
    public static func isLoopback(host: String) -> Bool {
        host == "::1" || isLoopback(name: host.lowercased())
    }

    static func isLoopback(name: String) -> Bool {
        if name == "localhost" || name == "127.0.0.1" || name == "[::1]" || name.hasSuffix(".localhost") { return true }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}

extension RequestPolicy {
    init(_ configuration: ServerConfiguration) {
        self.init(
            allowedHosts: configuration.allowedHosts,
            allowedOrigins: configuration.allowedOrigins,
            takesAnyHost: !configuration.access.isOpen && !Self.isLoopback(host: configuration.host)
        )
    }
}

extension UInt8 {
    fileprivate var isDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }
}
