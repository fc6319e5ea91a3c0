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

    /// The values that a recording must not hold.
    static func secrets(in fields: [HeaderField]) -> [String] {
        fields.filter { field in headers.contains { field.isNamed($0) } || field.isNamed("cookie") }.map(\.value)
    }

    private static func isReal(_ field: HeaderField) -> Bool {
        guard headers.contains(where: { field.isNamed($0) }) else { return false }
        var value = field.value[...]
        if value.lowercased().hasPrefix("bearer") {
            value = value.dropFirst(6)
            while value.first == " " { value = value.dropFirst() }
        }
        return !placeholders.contains(value.lowercased())
    }
}
