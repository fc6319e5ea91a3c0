import Dialects
public import Tapes

/// When the pieces of a tape came, in figures.
public struct Arrivals: Sendable {
    /// Microseconds since the request went out, each.
    let chunks: [Int64]
    let tokens: [Int64]
    let head: Int64?
    let total: Int64
    /// The provider's count of output tokens.
    let outputTokens: Int?

    public init(_ tape: Tape) {
        let decoded = DecodedTape(tape)
        chunks = tape.entries.compactMap { if case .chunk = $0.content { $0.offset } else { nil } }
        tokens = decoded.events.compactMap { if case .delta = $0.event { $0.offset } else { nil } }
        head = tape.response?.offset
        total = tape.duration ?? 0
        outputTokens = decoded.fold.usage?.output
    }

    /// The pauses between chunks, the shortest first.
    var gaps: [Int64] { zip(chunks, chunks.dropFirst()).map { $1 - $0 }.sorted() }

    /// The value that so many hundredths of the sorted values don't exceed.
    static func percentile(_ sorted: [Int64], _ hundredths: Int) -> Int64? {
        guard !sorted.isEmpty else { return nil }
        let rank = (sorted.count * hundredths + 99) / 100
        return sorted[min(max(rank, 1), sorted.count) - 1]
    }

    /// Tokens a second from the first token to the last: as the provider counts them, or deltas where it doesn't.
    /// Nil where all came at once.
    var tokensPerSecond: Double? {
        guard let first = tokens.first, let last = tokens.last, last > first else { return nil }
        let count = max(2, outputTokens ?? tokens.count)
        return Double(count - 1) / (Double(last - first) / 1_000_000)
    }

    public var json: String {
        func rounded(_ value: Double) -> JSONValue {
            JSONValue(.number(Self.decimal(value)))
        }
        let gaps = gaps
        return JSONValue.object([
            ("head_us", .optional(head)),
            ("first_byte_us", .optional(chunks.first)),
            ("first_token_us", .optional(tokens.first)),
            ("last_token_us", .optional(tokens.last)),
            ("duration_us", .integer(total)),
            ("chunks", .integer(chunks.count)),
            ("gap_median_us", .optional(Self.percentile(gaps, 50))),
            ("gap_p95_us", .optional(Self.percentile(gaps, 95))),
            ("gap_max_us", .optional(gaps.last)),
            ("deltas", .integer(tokens.count)),
            ("output_tokens", .optional(outputTokens)),
            ("tokens_per_second", tokensPerSecond.map(rounded) ?? .null),
        ]).jsonText + "\n"
    }

    /// With one digit behind the point.
    static func decimal(_ value: Double) -> String {
        guard value.isFinite, value >= 0, value < 1e15 else { return "0.0" }
        let tenths = Int64((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }
}
