import Dialects
import Upstream

/// Tells credentials from what people write in their place, wherever providers look for them.
enum Credentials {
    /// The headers in which providers look for a key, in lower case, and in the order in which ours is looked for.
    static let headers = ["authorization", "x-api-key", "api-key", "x-goog-api-key"]
    /// What people write where an SDK insists on a key.
    private static let placeholders: Set<String> = [
        "", "unused", "x", "xxx", "none", "null", "dummy", "test", "fake", "no-key", "not-needed", "empty",
        "sk-no-key-required", "sk-xxx", "sk-dummy", "sk-test", "ollama", "lm-studio", "your-api-key",
    ]

    /// Whether a request bears a credential of the caller's own.
    static func isGiven(in request: UpstreamRequest, of family: ProviderFamily) -> Bool {
        if request.headers.contains(where: isReal) { return true }
        guard family.takesKeyInQuery, let query = RequestQuery(url: request.url) else { return false }
        return query.items.contains { isKey($0) && !isPlaceholder($0.dropFirst(4)) }
    }

    /// Takes out what stands in a credential's place.
    static func remove(from request: inout UpstreamRequest, of family: ProviderFamily) {
        request.headers.removeAll { field in headers.contains { field.isNamed($0) } }
        guard family.takesKeyInQuery, var query = RequestQuery(url: request.url) else { return }
        query.items.removeAll(where: isKey)
        request.url = query.url
    }

    /// The item of a query that is a key, as it was sent.
    static func keyItem(in query: String?) -> Substring? { query?.split(separator: "&").first(where: isKey) }

    private static func isKey(_ item: Substring) -> Bool { item.hasPrefix("key=") }

    /// The values that nothing of ours may hold: of headers that are credentials by their name, and of such items of a
    /// query, which is where Gemini has its key.
    static func secrets(in headers: some Sequence<(name: String, value: String)>, query: String? = nil) -> [String] {
        var secrets = headers.filter { isCredential(header: $0.name.lowercased()) && !isPlaceholder($0.value) }
            .map(\.value)
        for item in query?.split(separator: "&") ?? [] {
            let parts = item.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, isCredential(query: parts[0].lowercased()) else { continue }
            secrets.append(String(parts[1]))
            secrets.append(String(parts[1]).percentDecoded)
        }
        return secrets
    }

    private static func isCredential(header name: String) -> Bool {
        names.contains(name) || suffixes.contains { name.hasSuffix($0) }
    }

    private static func isCredential(query name: String) -> Bool {
        ["key", "token", "auth", "sig", "signature", "password", "secret", "code", "credential"]
            .contains { name.hasSuffix($0) }
    }

    private static let names: Set<String> = Set(headers).union([
        "authorization", "proxy-authorization", "cookie", "token", "apikey",
    ])
    /// `tokencast-key`, `ocp-apim-subscription-key`, `x-amz-security-token`, …
    private static let suffixes = [
        "-key", "-token", "-secret", "-password", "-authorization", "-signature", "-credential",
    ]

    private static func isReal(_ field: HeaderField) -> Bool {
        guard headers.contains(where: { field.isNamed($0) }) else { return false }
        return !isPlaceholder(field.value)
    }

    private static func isPlaceholder(_ value: some StringProtocol) -> Bool {
        var value = String(value)[...]
        if value.lowercased().hasPrefix("bearer") {
            value = value.dropFirst(6)
            while value.first == " " { value = value.dropFirst() }
        }
        return placeholders.contains(value.lowercased())
    }
}

/// The query of a URL, taken apart at its ampersands.
private struct RequestQuery {
    private let head: Substring
    var items: [Substring]

    /// Nil where there is no query.
    init?(url: String) {
        guard let mark = url.firstIndex(of: "?") else { return nil }
        head = url[..<mark]
        items = url[url.index(after: mark)...].split(separator: "&", omittingEmptySubsequences: false)
    }

    var url: String { items.isEmpty ? String(head) : "\(head)?\(items.joined(separator: "&"))" }
}
