import Dialects
import Tapes

/// The secrets of a file that is no tape: what its name says of its form decides how it is read.
struct TextScan {
    private(set) var found: [FoundSecret] = []

    /// So much is looked at in one go.
    private static let pieceSize = 1 << 20

    init(_ secrets: TapeSecrets, _ bytes: [UInt8], name: String) {
        var scrubber = SecretScrubber(secrets, contentType: Self.contentType(name), keepsFindings: true)
        var chunks: [SecretScrubber.Chunk] = []
        for start in stride(from: 0, to: bytes.count, by: Self.pieceSize) {
            scrubber.feed(offset: 0, Array(bytes[start..<min(start + Self.pieceSize, bytes.count)]), into: &chunks)
        }
        scrubber.finish(into: &chunks)
        let findings = scrubber.findings.sorted { $0.range.lowerBound < $1.range.lowerBound }
        guard !findings.isEmpty else { return }
        let masked = chunks.flatMap(\.bytes)
        var line = 1
        var place = 0
        for finding in findings {
            while place < finding.range.lowerBound {
                if bytes[place] == UInt8(ascii: "\n") { line += 1 }
                place += 1
            }
            let excerpt = SecretExcerpt.of(masked, around: finding.range)
            let secret = FoundSecret(line: line, detector: finding.rule, excerpt: excerpt)
            // Of a body that is looked at in two ways both may say the same.
            if !found.contains(where: { $0.line == line && $0.detector == secret.detector && $0.excerpt == excerpt }) {
                found.append(secret)
            }
        }
    }

    private static func contentType(_ name: String) -> String? {
        if name.hasSuffix(".jsonl") || name.hasSuffix(".ndjson") { return "application/x-ndjson" }
        if name.hasSuffix(".json") { return "application/json" }
        return name.hasSuffix(".sse") ? "text/event-stream" : nil
    }
}
