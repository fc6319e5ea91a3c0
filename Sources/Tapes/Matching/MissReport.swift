import Dialects

/// Why no tape answered a request, and what would mend it.
public struct MissReport: Sendable {
    /// `POST /v1/chat/completions`.
    public var request: String
    /// The first digits of the request's key.
    public var key8: String
    /// The name of the tape that differs least; nil where there is none to compare with.
    public var closest: String?
    /// Where that one differs, a few of the places.
    public var differences: [Difference]
    /// How many places more there are than `differences` shows; a lower bound for requests that differ wildly.
    public var moreDifferences: Int
    /// Whether the request does match, but each of its tapes was played already.
    public var isExhausted: Bool
    /// What to do about it.
    public var advice: String

    /// All of it in one line, for an error's body.
    public var message: String {
        var text = "no tape answers \(request) (key \(key8))"
        if isExhausted {
            text += ": it matches \(closest ?? "a tape"), but each recording of it was played already"
        } else if let closest {
            text += "; the closest is \(closest)"
            if !differences.isEmpty {
                text += ", which differs at " + differences.map(\.description).joined(separator: ", ")
                if moreDifferences > 0 { text += " and \(moreDifferences) more" }
            }
        }
        return text + ". " + advice
    }
}

extension MissReport {
    private static let shownDifferences = 8
    private static let countedDifferences = 64

    /// A report for a request whose tapes have all been played.
    init(exhausted request: CanonicalRequest, last name: String) {
        self.init(request, closest: name)
        isExhausted = true
        advice =
            "Set \"exhausted\" to \"last\" or \"cycle\" in cassette.json to play it again, "
            + "or record one more with --record."
    }

    /// A report for a request of one scope too many.
    init(tooManyScopes request: CanonicalRequest) {
        self.init(request, closest: nil)
        advice = "More scopes were asked for than are kept apart: POST /tapes/reset forgets them."
    }

    /// A report for a request that no tape matches: the closest of `candidates` is looked for.
    init(unmatched request: CanonicalRequest, candidates: some Sequence<(name: String, request: CanonicalRequest)>) {
        var best: (name: String, differences: [Difference], weight: Int)?
        for candidate in candidates {
            // What can't beat the best so far needn't be counted to its end.
            var finder = DifferenceFinder(limit: Self.countedDifferences)
            finder.compare(recorded: candidate.request, requested: request)
            let weight = finder.differences.reduce(0) { $0 + Self.weight($1) }
            if weight < best?.weight ?? .max { best = (candidate.name, finder.differences, weight) }
        }
        self.init(request, closest: best?.name)
        let all = best?.differences ?? []
        differences = Array(all.prefix(Self.shownDifferences))
        moreDifferences = all.count - differences.count
        advice = Self.advice(for: all, hasCandidates: best != nil)
    }

    private init(_ request: CanonicalRequest, closest: String?) {
        self.init(
            request: "\(request.method) \(request.path)",
            key8: request.key8,
            closest: closest,
            differences: [],
            moreDifferences: 0,
            isExhausted: false,
            advice: ""
        )
    }

    /// Another path or method is further away than any body.
    private static func weight(_ difference: Difference) -> Int {
        switch difference.place {
        case "method", "path": 10_000
        case "stream", "query", "body": 100
        case "/model": 10
        default: 1
        }
    }

    private static func advice(for differences: [Difference], hasCandidates: Bool) -> String {
        guard hasCandidates else { return "The cassette has no tape for this scope: record one with --record." }
        // Only what is beside the prompt is worth ignoring; to ignore a message or the model would answer anything.
        let content = ["/model", "/messages", "/input", "/prompt", "/contents", "/system", "/instructions", "/tools"]
        let isBeside = differences.allSatisfy { difference in
            difference.place.utf8.first == UInt8(ascii: "/")
                && !content.contains { difference.place.utf8.starts(with: $0.utf8) }
        }
        guard isBeside, differences.count <= shownDifferences else { return "Record this request with --record." }
        let pointers = JSONValue.array(differences.map { .string($0.place) }).jsonText
        return
            "Record this request with --record, or, if this doesn't matter, "
            + "add \"ignore\": \(pointers) to cassette.json."
    }
}
