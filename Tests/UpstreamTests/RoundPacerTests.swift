import Testing

@testable import Upstream

@Suite("The pace of the curl thread's rounds")
struct RoundPacerTests {
    @Test("a lone stream is never made to wait")
    func lone() {
        var pacer = RoundPacer()
        for round in 1...1000 { #expect(pacer.rest(after: UInt64(round) * 20_000_000) == 0) }
    }

    @Test("rounds that crowd each other are spread after some patience")
    func crowded() {
        var pacer = RoundPacer()
        let start: UInt64 = 1_000_000_000
        let rests = (0..<UInt64(100)).map { pacer.rest(after: start + $0 * 50_000) }
        #expect(rests.prefix(RoundPacer.patience).allSatisfy { $0 == 0 })
        #expect(rests.suffix(50).allSatisfy { $0 == RoundPacer.interval })
    }

    @Test("a rest doesn't end itself, a quiet moment does")
    func quiet() {
        var pacer = RoundPacer()
        var now: UInt64 = 1_000_000_000
        for _ in 0..<100 {
            now += RoundPacer.interval + 50_000
            _ = pacer.rest(after: now)
        }
        #expect(pacer.rest(after: now + RoundPacer.interval) > 0)
        #expect(pacer.rest(after: now + 100 * RoundPacer.interval) == 0)
    }
}
