import Tapes
import Testing

@Suite("A replay's times")
struct ReplayTimeTests {
    private let tape = makeTape(chunks: (0..<400).map { [UInt8(truncatingIfNeeded: $0)] })

    @Test("are as recorded at speed 1")
    func recorded() throws {
        let played = try Played(tape)
        #expect(played.head == 10)
        #expect(played.dues == (0..<400).map { 100 + $0 })
        #expect(played.chunks.map(\.bytes) == tape.chunks)
        #expect(played.end == 1000)
        #expect(played.ending == .complete)
    }

    @Test("are all at once at speed 0", arguments: [0, -1, Double.nan, .infinity])
    func atOnce(_ speed: Double) throws {
        let played = try Played(tape, speed: speed)
        #expect(played.head == 0)
        #expect(played.end == 0)
        #expect(played.dues.allSatisfy { $0 == 0 })
    }

    @Test("never drift: each is reckoned from the start", arguments: [0.1, 0.5, 3, 7, 1e-300])
    func factor(_ speed: Double) throws {
        var tape = tape
        for index in tape.entries.indices { tape.entries[index].offset = Int64(index) * 4_001 }
        let played = try Played(tape, speed: speed)
        #expect(played.dues == played.dues.sorted())
        if speed > 0.01 { #expect(played.dues.last == Int64((399.0 * 4_001 / speed).rounded())) }
    }

    @Test("leave no pause longer than the largest, not before the head either")
    func maxGap() throws {
        var tape = TapesTests.tape((5000, "a"), (5100, "b"), (9000, "c"), (9001, "d"))
        tape.response?.offset = 3_000_000
        tape.end?.offset = 60_000_000
        let played = try Played(tape, maxGap: 0.5)
        #expect(played.head == 500_000)
        #expect(played.dues == [1_000_000, 1_100_000, 1_600_000, 1_601_000])
        #expect(played.end == 2_101_000)
        // It is measured behind the speed.
        let slow = try Played(tape, speed: 0.1, maxGap: 0.5)
        #expect(slow.dues == [1_000_000, 1_500_000, 2_000_000, 2_010_000])
        #expect(try Played(tape, maxGap: 0).end == 0)
        #expect(try Played(tape, maxGap: 1000).dues == (try Played(tape)).dues)
        // What is put together mustn't make a longer one.
        #expect(try Played(tape, .coalesce, maxGap: 0.5).dues == [1_000_000, 1_100_000, 1_600_000])
    }

    @Test("take the largest numbers that there are", arguments: [1, 0.001, 1e300, Double.leastNonzeroMagnitude])
    func largest(_ speed: Double) throws {
        var tape = tape
        tape.end?.offset = .max
        tape.response?.offset = -5
        tape.entries[399].offset = .max
        let played = try Played(tape, speed: speed)
        #expect(played.end >= 0 && played.end <= 3_155_760_000_000_000)
        #expect(played.head == 0)
        let faults = ["slow:1000000", "slow:1000000", "slow:1000000", "stall:86400000"]
        #expect(try Played(tape, .byte, faults, speed: speed).end <= 3_155_760_000_000_000)
        #expect(try Played(tape, speed: speed, maxGap: 3e7).end <= 3_155_760_000_000_000)
    }

    @Test("have no head where there was none, and an end where there was none")
    func missing() throws {
        var tape = makeTape(reason: nil)
        tape.response = nil
        let played = try Played(tape)
        #expect(played.head == nil)
        #expect(played.end == 0)
        #expect(played.ending == .complete)
    }

    @Test(
        "end as the exchange did",
        arguments: [
            (TapeEnd.Reason.eof, ReplayPlan.Ending.complete), (.cancelled, .complete),
            (.upstreamReset, .failure(.upstreamReset)), (.upstreamShort, .failure(.upstreamShort)),
            (.timeoutFirst, .failure(.timeoutFirst)), (.timeoutIdle, .failure(.timeoutIdle)),
            (.timeoutTotal, .failure(.timeoutTotal)), (.connectFailed, .failure(.connectFailed)),
            (.tls, .failure(.tls)),
            (.init(rawValue: "something_new"), .complete),
        ]
    )
    func endings(_ reason: TapeEnd.Reason, _ ending: ReplayPlan.Ending) throws {
        #expect(try Played(makeTape(chunks: [[1]], reason: reason)).ending == ending)
    }
}
