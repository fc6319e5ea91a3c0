import Dialects
import Tapes

/// The secrets of a tape, whole or not: in each line on its own, and in the body that its chunks make up.
struct TapeScan {
    private(set) var found: [FoundSecret] = []
    private var chunks: [(line: Int, bytes: [UInt8])] = []
    private var contentType: String?
    private let secrets: TapeSecrets

    init(_ secrets: TapeSecrets, _ bytes: [UInt8]) {
        self.secrets = secrets
        for (number, line) in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated()
        {
            let options = JSONValue.Options.lenient
            guard let value = try? JSONValue(parsing: Array(line), options: options) else {
                look(String(decoding: line, as: UTF8.self), line: number + 1)
                continue
            }
            look(value, line: number + 1)
            take(value, line: number + 1)
        }
        lookAtBody()
        found.sort { $0.line < $1.line }
    }

    private mutating func look(_ value: JSONValue, line: Int) {
        switch value.kind {
        case .null, .bool: break
        case .number(let text), .string(let text): look(text, line: line)
        case .array(let elements): for element in elements { look(element, line: line) }
        case .object(let members):
            for member in members {
                look(member.name, line: line)
                look(member.value, line: line)
            }
        }
    }

    private mutating func look(_ text: String, line: Int) {
        let findings = secrets.findings(in: text)
        guard !findings.isEmpty else { return }
        let masked = Array(secrets.masking(text).utf8)
        for finding in findings {
            add(
                FoundSecret(
                    line: line,
                    detector: finding.rule,
                    excerpt: SecretExcerpt.of(masked, around: finding.range)
                )
            )
        }
    }

    /// Keeps what belongs to the body.
    private mutating func take(_ value: JSONValue, line: Int) {
        switch value[0]?.string {
        case "r":
            let headers = value[3]?.array ?? []
            let type = headers.last { $0[0]?.string?.lowercased() == "content-type" }
            contentType = type?[1]?.string
        case "c":
            let cut = { (name: String) in value[3]?[name]?.string.flatMap(Hex.decode) ?? [] }
            chunks.append((line, cut("pre") + Array((value[2]?.string ?? "").utf8) + cut("post")))
        case "b": chunks.append((line, value[2]?.string.flatMap(Base64.decode) ?? []))
        default: break
        }
    }

    private mutating func lookAtBody() {
        var scrubber = SecretScrubber(secrets, contentType: contentType, keepsFindings: true)
        var masked: [SecretScrubber.Chunk] = []
        for chunk in chunks { scrubber.feed(offset: 0, chunk.bytes, into: &masked) }
        scrubber.finish(into: &masked)
        let body = masked.flatMap(\.bytes)
        var place = 0
        var index = 0
        for finding in scrubber.findings.sorted(by: { $0.range.lowerBound < $1.range.lowerBound }) {
            while index < chunks.count, place + chunks[index].bytes.count <= finding.range.lowerBound {
                place += chunks[index].bytes.count
                index += 1
            }
            guard index < chunks.count else { break }
            // What the line alone has shown needn't be said again.
            let isKnown = found.contains { $0.line == chunks[index].line && $0.detector == finding.rule }
            let isWhole = finding.range.upperBound <= place + chunks[index].bytes.count
            if isKnown, isWhole { continue }
            let excerpt = SecretExcerpt.of(body, around: finding.range)
            add(FoundSecret(line: chunks[index].line, detector: finding.rule, excerpt: excerpt))
        }
    }

    private mutating func add(_ secret: FoundSecret) {
        if !found.contains(secret) { found.append(secret) }
    }
}
