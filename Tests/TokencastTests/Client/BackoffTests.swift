import Testing

@testable import Tokencast

/// How long a reader waits.
@Suite struct BackoffTests {
    private let start = ContinuousClock.now

    @Test func waitsDoubleUpToTheLongest() {
        var backoff = Backoff(.init())
        let waits = (0..<8).map { _ in backoff.failed(at: start, chance: 1, atLeast: nil) }
        #expect(waits == [2, 4, 8, 16, 30, 30, 30, 30].map { .seconds($0) })
        #expect(backoff.failures == 8)
        backoff.succeeded()
        #expect(backoff.failed(at: start, chance: 1, atLeast: nil) == .seconds(1))
        #expect(backoff.failures == 0, "a cut is no failed attempt")
    }

    @Test func halfOfAWaitIsLeftToChance() {
        for chance in [0, 0.25, 0.5, 1] {
            var backoff = Backoff(.init())
            #expect(backoff.failed(at: start, chance: chance, atLeast: nil) == .seconds(2) * (0.5 + 0.5 * chance))
        }
    }

    @Test func theServersRetryIsObeyedAndThenDoubled() {
        var backoff = Backoff(.init())
        backoff.serverWait = .milliseconds(1700)
        backoff.succeeded()
        #expect(backoff.failed(at: start, chance: 0, atLeast: nil) == .milliseconds(1700))
        #expect(backoff.failed(at: start, chance: 1, atLeast: nil) == .milliseconds(3400))
        #expect(backoff.failed(at: start, chance: 1, atLeast: .seconds(60)) == .seconds(60))
        backoff.serverWait = .seconds(3600)
        backoff.succeeded()
        #expect(backoff.failed(at: start, chance: 0, atLeast: nil) == .seconds(30))
    }

    @Test func itGivesUpAfterSoManyAttempts() {
        var backoff = Backoff(.init(attempts: 2))
        backoff.succeeded()
        #expect(backoff.failed(at: start, chance: 0, atLeast: nil) != nil, "the cut")
        #expect(backoff.failed(at: start, chance: 0, atLeast: nil) != nil, "the first attempt")
        #expect(backoff.failed(at: start, chance: 0, atLeast: nil) == nil, "the second")
    }

    @Test func itGivesUpAfterSoMuchTime() {
        var backoff = Backoff(.init(timeLimit: .seconds(10)))
        #expect(backoff.failed(at: start, chance: 0, atLeast: nil) != nil)
        #expect(backoff.failed(at: start + .seconds(6), chance: 0, atLeast: nil) != nil)
        #expect(backoff.failed(at: start + .seconds(9), chance: 0, atLeast: nil) == nil)
        backoff.succeeded()
        #expect(backoff.failed(at: start + .seconds(100), chance: 0, atLeast: nil) != nil)
    }
}
