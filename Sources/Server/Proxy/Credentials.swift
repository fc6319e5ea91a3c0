import Upstream

/// Who pays: the caller's own key goes upstream; where it has none, the configured one is put in.
enum Credentials {
    private static let headers = ["authorization", "x-api-key", "api-key", "x-goog-api-key"]
    /// What people write where an SDK insists on a key.
    private static let placeholders: Set<String> = [
        "", "unused", "x", "xxx", "none", "null", "dummy", "test", "fake", "no-key", "not-needed", "empty",
        "sk-no-key-required", "sk-xxx", "sk-dummy", "sk-test", "ollama", "lm-studio", "your-api-key",
    ]

    /// Puts in `key` where the caller's is absent or a placeholder.
    static func apply(_ key: String?, dialect: String?, to fields: inout [HeaderField]) {
        guard let key, !fields.contains(where: isReal) else { return }
        fields.removeAll { field in headers.contains { field.isNamed($0) } }
        if dialect?.hasPrefix("anthropic") == true {
            fields.append(HeaderField("x-api-key", key))
        } else {
            fields.append(HeaderField("authorization", "Bearer \(key)"))
        }
    }

    /// The values that nothing of ours may hold: of headers that are credentials by their name, and of such items of a
    /// query, which is where Gemini has its key.
    static func secrets(in headers: some Sequence<(name: String, value: String)>, query: String? = nil) -> [String] {
        var secrets = headers.filter { isCredential(header: $0.name.lowercased()) && !isPlaceholder($0.value) }
            .map(\.value)
        for item in query?.split(separator: "&") ?? [] {
            let parts = item.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, isCredential(query: parts[0].lowercased()) else { continue }
            secrets.append(String(parts[1]))
            secrets.append(String(parts[1]).removingPercentEncoding)
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

    private static func isPlaceholder(_ value: String) -> Bool {
        var value = value[...]
        if value.lowercased().hasPrefix("bearer") {
            value = value.dropFirst(6)
            while value.first == " " { value = value.dropFirst() }
        }
        return placeholders.contains(value.lowercased())
    }
}
