import Dialects
import Testing

@testable import Tapes

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

@Suite("The detectors")
struct DetectorTests {
    @Test("know a secret of each kind by its name", arguments: Sample.detected)
    func names(_ rule: String, _ secret: String) {
        var scrubber = SecretScrubber(contentType: "text/plain", keepsFindings: true)
        var output: [SecretScrubber.Chunk] = []
        scrubber.feed(offset: 0, Array("a \(secret)".utf8), into: &output)
        scrubber.finish(into: &output)
        #expect(scrubber.findings.map(\.rule) == [rule])
        #expect(scrubber.findings.first?.range == 2..<2 + secret.utf8.count)
    }

    @Test("are all tried")
    func complete() {
        let tried = Set(Sample.detected.map(\.rule)).union(["bearer"])
        #expect(Set(SecretRule.detectors.map(\.name)) == tried)
    }

    @Test("leave the word before a bearer's token, and mask the token")
    func bearer() {
        let token = Sample.body(30)
        for word in ["Bearer", "bearer"] {
            let masked = TapeSecrets.none.masking("Authorization: \(word) \(token)/+=. x")
            #expect(masked == "Authorization: \(word) \(String(repeating: "*", count: 34)) x")
        }
    }

    @Test("stand behind an escape, a sign of a URL, and no letter")
    func boundaries() {
        let key = Sample.detected[0].secret
        let stars = String(repeating: "*", count: key.utf8.count)
        for before in ["\\n", "\\t", "%3D", "%20", "\\u003d", "=", "\"", "/", "_", "é", "\n"] {
            #expect(TapeSecrets.none.masking(before + key) == before + stars)
        }
        for before in ["a", "Z", "7", "de", " n"] { #expect(TapeSecrets.none.masking(before + key) == before + key) }
    }

    @Test(
        "leave alone what isn't secret",
        arguments: [
            "the sk- prefix, sk-learn and sk-in-prose-with-many-words-and-2-numbers", "task-0123456789abcdefghijklmn",
            "chatcmpl-AbCdEfGhIjKlMnOpQrStUvWxYz0123", "msg_01AbCdEfGhIjKlMnOpQrStUv", "call_AbCdEfGhIjKlMnOpQrStUvWx",
            "fp_0123456789", "toolu_01A09q90qw90lq917835lq9", "resp_68b0f6c8f1a48190a1b2c3d4e5f60718",
            "gen-1234567890-AbCdEfGhIjKlMnOpQrSt", "sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "sk-...", "hf_hub_download",
            "ghp_your_token_here", "xai-org/grok-1", "pplx-70b-online", "Bearer authentication",
            "Bearer $OPENAI_API_KEY",
            "Bearer YOUR_API_KEY_GOES_HERE_PLEASE", "r8_quantisation", "gsk_", "AKIAISHORT", "AIzaIsNoKey",
            "eyJhbGciOiJIUzI1NiJ9", "eyJrIjoxfQ.not", "-----BEGIN CERTIFICATE-----", "-----", "|-----|-----|",
            "xoxb-is-a-prefix-of-slack-tokens", "glpat-your-access-token-goes-here",
        ]
    )
    func innocent(_ text: String) {
        #expect(TapeSecrets.none.masking(text) == text)
        let body = Array("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\(text)\"}}]}\n\n".utf8)
        #expect(scrub([body]).flatMap(\.bytes) == body)
    }

    /// The corpus's streams: their names, content types and bytes.
    private static func corpus() throws -> [(file: String, type: String?, body: [UInt8])]? {
        guard let folder = getenv("TOKENCAST_CORPUS").map({ String(cString: $0) + "/streams" }) else { return nil }
        let index = try JSONValue(parsing: FileSystem.read("\(folder)/index.json", limit: 64 << 20))
        return try (index["streams"]?.array ?? []).compactMap { stream in
            guard let file = stream["file"]?.string else { return nil }
            return (file, stream["content_type"]?.string, try FileSystem.read("\(folder)/\(file)", limit: 64 << 20))
        }
    }

    @Test(
        "hit nothing in recorded streams, whole or cut",
        .enabled(if: getenv("TOKENCAST_CORPUS") != nil, "TOKENCAST_CORPUS isn't set")
    )
    func recordedStreams() throws {
        let streams = try #require(try Self.corpus())
        #expect(streams.count > 200)
        for stream in streams {
            var scrubber = SecretScrubber(contentType: stream.type, keepsFindings: true)
            var output: [SecretScrubber.Chunk] = []
            var chunks: [[UInt8]] = []
            for start in Swift.stride(from: 0, to: stream.body.count, by: 97) {
                let chunk = Array(stream.body[start..<min(start + 97, stream.body.count)])
                chunks.append(chunk)
                scrubber.feed(offset: 0, chunk, into: &output)
            }
            scrubber.finish(into: &output)
            #expect(output.map(\.bytes) == chunks, "\(stream.file)")
            for finding in scrubber.findings { Issue.record("\(finding.rule) in \(stream.file) at \(finding.range)") }
        }
    }
}
