import Dialects

/// The names of headers or query items that may be stored. What isn't listed isn't stored, so that a credential in a
/// header nobody thought of never reaches a disk.
struct AllowList: Sendable {
    let names: Set<String>
    let prefixes: [String]

    /// No credentials, no cookies, nothing that names a person or a machine.
    static let requestHeaders = AllowList(
        names: ["content-type", "accept", "openai-beta", "anthropic-version", "anthropic-beta"],
        prefixes: ["x-stainless-"]
    )

    /// What a client acts on, and what a support request quotes. Framing (length, transfer encoding, connection) is the
    /// replay's own; dates and cookies are the recording's. `openai-organization` and `openai-project` name the payer.
    static let responseHeaders = AllowList(
        names: [
            "content-type", "content-language", "content-disposition", "cache-control", "location", "warning",
            // A body that came compressed, though that wasn't asked for, is stored as it came.
            "content-encoding",
            "retry-after", "retry-after-ms", "x-should-retry",
            "request-id", "x-request-id", "apim-request-id", "x-ms-request-id", "x-amzn-requestid",
            "openai-model", "openai-processing-ms", "openai-version",
            "deprecation", "sunset", "x-accel-buffering",
        ],
        prefixes: ["x-ratelimit-", "ratelimit-", "anthropic-ratelimit-"]
    )

    /// Never `key`: it is Gemini's credential.
    static let query = AllowList(
        names: ["alt", "api-version", "beta", "stream", "limit", "order", "after", "before", "include"],
        prefixes: []
    )

    func allows(_ name: String) -> Bool {
        let name = Self.lowercase(name)
        return names.contains(name) || prefixes.contains { name.utf8.starts(with: $0.utf8) }
    }

    /// The allowed ones, names in lower case, in their order.
    func filter(_ headers: [(name: String, value: String)], masking secrets: TapeSecrets) -> [TapeField] {
        headers.compactMap { name, value in
            allows(name) ? TapeField(Self.lowercase(name), secrets.masking(value)) : nil
        }
    }

    /// Lower case of ASCII only, as header names are compared (RFC 9110, section 5.1).
    static func lowercase(_ name: String) -> String {
        String(decoding: name.utf8.map { $0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0 }, as: UTF8.self)
    }
}
