import TestSupport
import Testing

@testable import Broadcast

/// Thousands of short lives of a node, against plain lists of what was appended.
@Suite("Readers that do anything at any time")
struct StreamModelTests {
    /// How many runs each of 20 cases makes; `TOKENCAST_TEST_RUNS` sets another number.
    private static let runs = ProcessVariables["TOKENCAST_TEST_RUNS"].flatMap { UInt64($0) } ?? 60

    @Test(
        "Nobody loses or doubles an event, and who missed some has what they came to",
        arguments: 0..<20 as Range<UInt64>
    )
    func random(batch: UInt64) throws {
        var totals = ModelTotals()
        for seed in batch * Self.runs..<(batch + 1) * Self.runs {
            var model = try StreamModel(seed: seed)
            for _ in 0..<100 { try model.step() }
            model.finish()
            totals.add(model.totals)
            guard model.problems.isEmpty else {
                Issue.record("seed \(seed): \(model.problems.prefix(5).joined(separator: "\n"))")
                return
            }
        }
        // All that is to be tried was tried.
        #expect(totals.events > 1000 && totals.resumes > 20 && totals.merges > 20, "\(totals)")
        #expect(totals.resets > 20 && totals.snapshots > totals.resets && totals.slows > 2, "\(totals)")
    }
}
