import Dialects

/// What became of each tape that was compared.
public struct DriftReport: Sendable {
    public enum Result: Sendable {
        case same
        /// Differences, those that don't count included.
        case drifted([DriftDifference])
        /// There are differences, but none that counts.
        case alike([DriftDifference])
        case skipped(String)
    }

    /// What counts as drift.
    public enum Threshold: String, Sendable, CaseIterable {
        /// The status, the kinds of events, and how answers end.
        case kinds
        /// Their members and types, too.
        case shape
    }

    public let threshold: Threshold
    public private(set) var results: [(name: String, result: Result)] = []

    public init(threshold: Threshold) {
        self.threshold = threshold
    }

    public mutating func skip(_ name: String, _ reason: String) { results.append((name, .skipped(reason))) }

    public mutating func add(_ name: String, _ differences: [DriftDifference]) {
        let counts = threshold == .shape ? !differences.isEmpty : differences.contains { !$0.isOfShape }
        results.append((name, differences.isEmpty ? .same : counts ? .drifted(differences) : .alike(differences)))
    }

    public var hasDrift: Bool {
        results.contains { if case .drifted = $0.result { true } else { false } }
    }

    /// Whether anything was compared at all.
    public var isEmpty: Bool {
        results.allSatisfy { if case .skipped = $0.result { true } else { false } }
    }

    /// The lines of one result.
    public static func text(_ name: String, _ result: Result) -> String {
        func lines(_ word: String, _ details: [String]) -> String {
            ([word + "  " + Printable.line(name)] + details.map { "         " + Printable.line($0) }).joined(
                separator: "\n"
            ) + "\n"
        }
        switch result {
        case .same: return lines("same   ", [])
        case .drifted(let differences): return lines("drifted", differences.map(\.text))
        case .alike(let differences): return lines("same   ", differences.map { $0.text + " (doesn't count)" })
        case .skipped(let reason): return lines("skipped", [reason])
        }
    }

    public var summary: String {
        let (same, drifted, skipped) = counts
        let total = results.count
        return "\(total) \(total == 1 ? "tape" : "tapes"): \(same) same, \(drifted) drifted, \(skipped) skipped\n"
    }

    private var counts: (same: Int, drifted: Int, skipped: Int) {
        results.reduce(into: (0, 0, 0)) { counts, entry in
            switch entry.result {
            case .same, .alike: counts.0 += 1
            case .drifted: counts.1 += 1
            case .skipped: counts.2 += 1
            }
        }
    }

    /// The whole report as one JSON text.
    public var json: String {
        let tapes: [JSONValue] = results.map { name, result in
            var word = "same"
            var found: [DriftDifference] = []
            var reason = JSONValue.null
            switch result {
            case .same: break
            case .drifted(let differences): (word, found) = ("drifted", differences)
            case .alike(let differences): found = differences
            case .skipped(let why): (word, reason) = ("skipped", .string(why))
            }
            return .object([
                ("name", .string(name)), ("result", .string(word)), ("differences", .array(found.map(\.json))),
                ("reason", reason),
            ])
        }
        let (same, drifted, skipped) = counts
        return JSONValue.object([
            ("tapes", .array(tapes)), ("same", .integer(same)), ("drifted", .integer(drifted)),
            ("skipped", .integer(skipped)),
        ]).jsonText + "\n"
    }
}
