@testable import Tapes

/// Secrets of each kind, made up. They are put together here so that no scanner takes this file for a leak.
enum Sample {
    private static let letters = "q7Rk2mZp9Xw4Tn8Bv3Ls6Yc1Hd5Gf0JaEoUiWtSxNzKrDbCyMhPgVlQeAuFjOI"

    static func body(_ count: Int) -> String {
        String(repeating: letters, count: count / letters.count + 1).prefix(count).description
    }

    /// A rule's name, and a secret of its kind.
    static let detected: [(rule: String, secret: String)] = [
        ("openai", "sk-" + body(48)),
        ("openai", "sk-" + "proj-" + body(20) + "-_" + body(40)),
        ("openai", "sk-" + "svcacct-" + body(40)),
        ("openai", "sk-" + "aB3-" + body(12) + "_" + body(12)),
        ("anthropic", "sk-" + "ant-api03-" + body(60) + "-AA"),
        ("openrouter", "sk-" + "or-v1-" + String(repeating: "0a1b2c3d", count: 8)),
        ("google-api-key", "AI" + "za" + body(35)),
        ("google-oauth", "ya" + "29." + body(60)),
        ("google-client-secret", "GOC" + "SPX-" + body(28)),
        ("github", "gh" + "p_" + body(36)),
        ("github", "gh" + "o_" + body(36)),
        ("github", "gh" + "s_" + body(40)),
        ("github", "gh" + "u_" + body(36)),
        ("github", "github" + "_pat_" + body(22) + "_" + body(59)),
        ("gitlab", "gl" + "pat-" + body(20)),
        ("groq", "gs" + "k_" + body(52)),
        ("xai", "xa" + "i-" + body(80)),
        ("huggingface", "h" + "f_" + body(34)),
        ("replicate", "r" + "8_" + body(37)),
        ("perplexity", "pp" + "lx-" + body(48)),
        ("slack", "xo" + "xb-1234567890-1234567890123-" + body(24)),
        ("slack", "xo" + "xp-1234567890-1234567890123-" + body(24)),
        ("aws-access-key", "AK" + "IA" + "Q7RK2MZP9XW4TN8B"),
        ("aws-access-key", "AS" + "IA" + "Q7RK2MZP9XW4TN8B"),
        ("stripe", "sk" + "_live_" + body(24)),
        ("stripe", "rk" + "_live_" + body(24)),
        ("jwt", "ey" + "J" + body(33) + ".ey" + "J" + body(40) + "." + body(43)),
        (
            "private-key",
            "-----BEGIN RSA PRIV" + "ATE KEY-----\n" + body(64) + "\n" + body(20) + "=\n-----END RSA PRIV"
                + "ATE KEY-----"
        ),
    ]

    /// A value that nobody would recognise, with all that JSON escapes or may escape.
    static let known = "tok/en+with\"quote\\and \u{E9}\u{1F980}!"

    static let secrets = TapeSecrets([known])
}

/// A body through a scrubber, chunk by chunk.
func scrub(
    _ chunks: [[UInt8]],
    _ contentType: String? = "text/event-stream",
    _ secrets: TapeSecrets = Sample.secrets
) -> [SecretScrubber.Chunk] {
    var scrubber = SecretScrubber(secrets, contentType: contentType)
    var output: [SecretScrubber.Chunk] = []
    for (index, chunk) in chunks.enumerated() { scrubber.feed(offset: Int64(index), chunk, into: &output) }
    scrubber.finish(into: &output)
    return output
}

extension [UInt8] {
    /// Cut in two at a place.
    func cut(at place: Int) -> [[UInt8]] { [Array(self[..<place]), Array(self[place...])] }

    /// One chunk per byte.
    var singles: [[UInt8]] { map { [$0] } }
}

/// A text as a JSON string's content: plainly, with slashes escaped, or with every character as an escape.
enum JSONSpelling: CaseIterable {
    case plain
    case slashed
    case numeric

    func callAsFunction(_ text: String) -> String {
        switch self {
        case .plain, .slashed:
            var quoted = ""
            for scalar in text.unicodeScalars {
                switch scalar {
                case "\"": quoted += "\\\""
                case "\\": quoted += "\\\\"
                case "\n": quoted += "\\n"
                case "/": quoted += self == .slashed ? "\\/" : "/"
                default: quoted.unicodeScalars.append(scalar)
                }
            }
            return quoted
        case .numeric:
            return text.utf16.map { unit in
                "\\u" + Hex.encode([UInt8(unit >> 8), UInt8(unit & 0xFF)])
            }.joined()
        }
    }
}
