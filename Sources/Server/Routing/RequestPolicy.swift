import NIOHTTP1

/// Keeps web pages out: a browser is not a friend by being on the same machine.
///
/// Any page can make a browser send requests to loopback. Without these checks it could spend the keys that Tokencast
/// puts in, or read streams through a name that resolves to 127.0.0.1.
public struct RequestPolicy {
    var allowedHosts: [String]
    var allowedOrigins: [String]

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
        if let origin = head.headers.first(name: "origin"), !isAllowed(origin: origin, host: host) {
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
        let names = ["authorization", "x-api-key", "api-key", "x-goog-api-key", "tokencast-key"]
        if names.contains(where: head.headers.contains(name:)) { return nil }
        let type = head.headers.first(name: "content-type").map(Self.essence) ?? ""
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

    /// Whether a browser may have sent this: with what a page does it says where from, in one of these headers.
    private func mayBeFromPage(_ head: HTTPRequestHead) -> Bool {
        ["origin", "referer", "sec-fetch-site", "sec-fetch-mode"].contains(where: head.headers.contains(name:))
    }

    /// A media type without its parameters, in lower case.
    static func essence(_ type: String) -> String {
        String(type.prefix { $0 != ";" && $0 != "," }.filter { !$0.isWhitespace }).lowercased()
    }

    private func hasBody(_ head: HTTPRequestHead) -> Bool {
        if head.headers.contains(name: "transfer-encoding") { return true }
        guard let length = head.headers.first(name: "content-length") else { return false }
        return length != "0"
    }

    private func isLocal(host: String) -> Bool {
        guard let name = Self.name(ofHost: host) else { return false }
        return Self.isLoopback(name: name) || allowedHosts.contains { $0.lowercased() == name }
    }

    /// Whether a page of that origin may call: one that this very address gave out, or a configured one.
    private func isAllowed(origin: String, host: String) -> Bool {
        let origin = origin.lowercased()
        if allowedOrigins.contains(where: { $0.lowercased() == origin }) { return true }
        return ["http://", "https://"].contains { origin == $0 + host.lowercased() }
    }

    /// The host without its port, in lower case; nil where it is neither.
    static func name(ofHost host: String) -> String? {
        let host = host.lowercased()
        if host.hasPrefix("[") {
            guard let end = host.firstIndex(of: "]") else { return nil }
            let rest = host[host.index(after: end)...]
            guard rest.isEmpty || rest.first == ":" && rest.dropFirst().allSatisfy(\.isNumber) else { return nil }
            return String(host[...end])
        }
        let parts = host.split(separator: ":", omittingEmptySubsequences: false)
        guard let name = parts.first, !name.isEmpty, parts.count <= 2 else { return nil }
        guard parts.count == 1 || parts[1].allSatisfy(\.isNumber) else { return nil }
        return String(name)
    }

    /// Whether an address or a name is loopback's: IPv6 without brackets, as it is configured.
    public static func isLoopback(host: String) -> Bool {
        host == "::1" || isLoopback(name: host.lowercased())
    }

    static func isLoopback(name: String) -> Bool {
        if name == "localhost" || name == "[::1]" || name.hasSuffix(".localhost") { return true }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}
