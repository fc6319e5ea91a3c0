import Tapes
import Testing

@Suite("A replay's schedule")
struct ReplayScheduleTests {
    private let tape = makeTape(chunks: (0..<400).map { [UInt8(truncatingIfNeeded: $0)] })

    @Test("is as recorded at speed 1")
    func recorded() {
        let schedule = ReplaySchedule(tape, speed: 1)
        #expect(schedule.head == 10)
        #expect(schedule.chunks.map(\.due) == (0..<400).map { 100 + $0 })
        #expect(schedule.chunks.map(\.bytes) == tape.chunks)
        #expect(schedule.end == 1000)
    }

    @Test("is all at once at speed 0", arguments: [0, -1, Double.nan, .infinity])
    func atOnce(_ speed: Double) {
        let schedule = ReplaySchedule(tape, speed: speed)
        #expect(schedule.head == 0)
        #expect(schedule.end == 0)
        #expect(schedule.chunks.allSatisfy { $0.due == 0 })
    }

    @Test("never drifts: each time is reckoned from the start", arguments: [0.1, 0.5, 3, 7, 1e-300])
    func factor(_ speed: Double) {
        var tape = tape
        for index in tape.entries.indices { tape.entries[index].offset = Int64(index) * 4_001 }
        let dues = ReplaySchedule(tape, speed: speed).chunks.map(\.due)
        #expect(dues == dues.sorted())
        if speed > 0.01 { #expect(dues.last == Int64((399.0 * 4_001 / speed).rounded())) }
    }

    @Test("takes the largest offset that a tape can have")
    func largest() {
        var tape = tape
        tape.end?.offset = .max
        #expect((ReplaySchedule(tape, speed: 1).end ?? 0) > 0)
        #expect((ReplaySchedule(tape, speed: 0.001).end ?? 0) > 0)
    }

    @Test("has no head where there was none, and no end where there is none")
    func missing() {
        var tape = makeTape(reason: nil)
        tape.response = nil
        let schedule = ReplaySchedule(tape, speed: 1)
        #expect(schedule.head == nil)
        #expect(schedule.end == nil)
    }
}
