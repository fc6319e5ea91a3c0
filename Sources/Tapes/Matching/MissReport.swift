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
    /// Names of tapes that would match, but belong to other scopes.
    public var elsewhere: [String]
    /// Names of tapes that would match, but have no end or stop before their stream did.
    public var unfinished: [String]
    /// What to do about it.
    public var advice: String

    /// All of it in one line, for an error's body.
    public var message: String {
        var text = "no tape answers \(request) (key \(key8))"
        if isExhausted {
            text += ": it matches \(closest ?? "a tape"), but each recording of it was played already"
        } else if let name = elsewhere.first {
            text += "; \(name) would, but belongs to another scope"
        } else if let name = unfinished.first {
            text += "; \(name) would, but its recording wasn't finished"
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
    /// What a report is made for.
    struct Context {
        var request: CanonicalRequest
        /// The cassette's directory.
        var directory: String
        /// Nil where the request named none.
        var scope: TapeScope?

        /// The command that records what lacks.
        var command: String {
            "tokencast serve --upstream URL --tape-mode new_episodes --cassette \(Self.quoted(directory))"
        }

        /// As a shell takes it.
        private static func quoted(_ text: String) -> String {
            let isPlain = text.utf8.allSatisfy { PlainName.isPlain($0) || $0 == UInt8(ascii: "/") }
            guard !isPlain else { return text }
            let parts = text.split(separator: "'", omittingEmptySubsequences: false)
            return "'" + parts.joined(separator: #"'\''"#) + "'"
        }
    }

    private static let shownDifferences = 8
    private static let countedDifferences = 64

    /// A report for a request whose tapes have all been played.
    init(exhausted context: Context, last name: String) {
        self.init(context, closest: name)
        isExhausted = true
        advice =
            "Record one more with: \(context.command). Or set \"exhausted\" to \"last\" or \"cycle\" in "
            + "\(context.directory)/cassette.json to play it again."
    }

    /// A report for a request of one scope too many.
    init(tooManyScopes context: Context) {
        self.init(context, closest: nil)
        advice = "More scopes were asked for than are kept apart: POST /tapes/reset forgets them."
    }

    /// A report for a request that is answered by tapes of other scopes only, or by such as can't be played.
    init(_ context: Context, elsewhere: [(name: String, scope: TapeScope)], unfinished: [String]) {
        self.init(context, closest: nil)
        self.elsewhere = elsewhere.map(\.name)
        self.unfinished = unfinished
        if let first = elsewhere.first {
            let asked = context.scope.map { $0 == .root ? "the cassette's own directory" : "the scope \($0)" } ?? ""
            let header = first.scope == .root ? "no Tokencast-Scope" : "Tokencast-Scope: \(first.scope)"
            advice = "The request asked for \(asked); send \(header), or record it there with: \(context.command)."
        } else if let name = unfinished.first {
            advice =
                "Record it again with: \(context.command); what there is of it, tokencast tape show "
                + "\(context.directory)/\(name) shows."
        }
    }

    /// A report for a request that no tape matches: the closest of `candidates` is looked for.
    init(unmatched context: Context, candidates: some Sequence<(name: String, request: CanonicalRequest)>) {
        var best: (name: String, differences: [Difference], weight: Int)?
        for candidate in candidates {
            // What can't beat the best so far needn't be counted to its end.
            var finder = DifferenceFinder(limit: Self.countedDifferences)
            finder.compare(recorded: candidate.request, requested: context.request)
            let weight = finder.differences.reduce(0) { $0 + Self.weight($1) }
            if weight < best?.weight ?? .max { best = (candidate.name, finder.differences, weight) }
        }
        self.init(context, closest: best?.name)
        let all = best?.differences ?? []
        differences = Array(all.prefix(Self.shownDifferences))
        moreDifferences = all.count - differences.count
        advice = Self.advice(for: all, hasCandidates: best != nil, context)
    }

    private init(_ context: Context, closest: String?) {
        self.init(
            request: "\(context.request.method) \(context.request.path)",
            key8: context.request.key8,
            closest: closest,
            differences: [],
            moreDifferences: 0,
            isExhausted: false,
            elsewhere: [],
            unfinished: [],
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

    private static func advice(for differences: [Difference], hasCandidates: Bool, _ context: Context) -> String {
        guard hasCandidates else {
            let place = context.scope.map { $0 == .root ? "" : " for the scope \($0)" } ?? ""
            return "The cassette has no tape\(place): record one with: \(context.command)."
        }
        let record = "Record this request with: \(context.command)"
        guard differences.count <= shownDifferences else { return record + "." }
        if let rule = ReplaceAdvice.rule(for: differences) {
            return record + "; or, since only dates, times or identifiers differ, add \(rule) to "
                + "\(context.directory)/cassette.json."
        }
        // Only what is beside the prompt is worth ignoring; to ignore a message or the model would answer anything.
        let content = ["/model", "/messages", "/input", "/prompt", "/contents", "/system", "/instructions", "/tools"]
        let isBeside = differences.allSatisfy { difference in
            difference.place.utf8.first == UInt8(ascii: "/")
                && !content.contains { difference.place.utf8.starts(with: $0.utf8) }
        }
        guard isBeside else { return record + "." }
        let pointers = JSONValue.array(differences.map { .string($0.place) }).jsonText
        return record
            + "; or, if this doesn't matter, add \"ignore\": \(pointers) to \(context.directory)/cassette.json."
    }
}
