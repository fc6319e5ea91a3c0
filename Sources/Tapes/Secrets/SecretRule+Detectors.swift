/// Credentials that are known by their looks. The table in `docs/secrets.md` is this one.
extension SecretRule {
    static let detectors: [SecretRule] =
        keys("openai", ["sk-proj-", "sk-svcacct-", "sk-admin-", "sk-None-"], .base64URL, 20)
        + keys("anthropic", ["sk-ant-"], .base64URL, 20)
        + keys("openrouter", ["sk-or-"], .base64URL, 20)
        // Many providers have keys of this kind. Words joined by hyphens are none. Of two rules that fit equally well
        // the first counts, so the one that goes on for longer stands first.
        + keys("openai", ["sk-"], .base64URL, 20, kinds: 3)
        + keys("openai", ["sk-"], .alphanumeric, 20)
        + keys("google-api-key", ["AIza"], .base64URL, 35, 35)
        + keys("google-oauth", ["ya29."], .base64URL, 20)
        + keys("google-client-secret", ["GOCSPX-"], .base64URL, 28, 28)
        + keys("github", ["ghp_", "gho_", "ghu_", "ghs_", "ghr_"], .alphanumeric, 36)
        + keys("github", ["github_pat_"], [.alphanumeric, .underscore], 36)
        + keys("gitlab", ["glpat-"], [.base64URL, .dot], 20)
        + keys("groq", ["gsk_"], .alphanumeric, 40)
        + keys("xai", ["xai-"], .alphanumeric, 40)
        + keys("huggingface", ["hf_"], .alphanumeric, 30)
        + keys("replicate", ["r8_"], .alphanumeric, 30)
        + keys("perplexity", ["pplx-"], .alphanumeric, 40)
        + keys(
            "slack",
            ["xoxa-", "xoxb-", "xoxe-", "xoxo-", "xoxp-", "xoxr-", "xoxs-", "xapp-"],
            [.alphanumeric, .hyphen],
            20,
            needed: .digit
        )
        + keys("aws-access-key", ["AKIA", "ASIA"], [.digit, .capital], 16, 16, kinds: 1)
        + keys("stripe", ["sk_live_", "rk_live_"], .alphanumeric, 16)
        + keys("bearer", ["Bearer ", "bearer "], .token, 20, needed: .digit, keepsPrefix: true)
        + [
            SecretRule(name: "jwt", prefix: Array("eyJ".utf8), shape: .jsonWebToken),
            SecretRule(name: "private-key", prefix: Array("-----BEGIN ".utf8), shape: .pem, needsBoundary: false),
        ]

    private static func keys(
        _ name: String,
        _ prefixes: [String],
        _ alphabet: CharacterClasses,
        _ minimum: Int,
        _ maximum: Int? = nil,
        needed: CharacterClasses = [],
        kinds: Int = 2,
        keepsPrefix: Bool = false
    ) -> [SecretRule] {
        let run = Run(alphabet: alphabet, minimum: minimum, maximum: maximum, needed: needed, kinds: kinds)
        return prefixes.map {
            SecretRule(name: name, prefix: Array($0.utf8), shape: .run(run), keepsPrefix: keepsPrefix)
        }
    }
}
