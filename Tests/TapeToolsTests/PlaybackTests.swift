import Testing

@testable import TapeTools

@Suite("Playing a tape into a terminal")
struct PlaybackTests {
    private func due(_ offsets: [Int64], speed: Double, maxGap: Double? = nil) -> [Int64] {
        var times = PlaybackTimes(speed: speed, maxGap: maxGap)
        return offsets.map { times.next($0) }
    }

    @Test("Times follow speed, and pauses are cut behind it")
    func times() {
        let offsets: [Int64] = [100_000, 300_000, 5_300_000]
        #expect(due(offsets, speed: 1) == offsets)
        #expect(due(offsets, speed: 2) == [50_000, 150_000, 2_650_000])
        #expect(due(offsets, speed: 0) == [0, 0, 0])
        #expect(due(offsets, speed: 1, maxGap: 0.15) == [100_000, 250_000, 400_000])
        #expect(due(offsets, speed: 1, maxGap: 0) == [0, 0, 0])
    }

    @Test("No offset is too large", arguments: [Int64.max, Int64.min, -1])
    func extremes(_ offset: Int64) {
        _ = due([offset, .max, 0, offset], speed: 1e-300)
        _ = due([.min, offset, .max], speed: 1)
        #expect(due([0, offset], speed: .nan, maxGap: .nan) == [0, 0])
        #expect(due([0, 5], speed: 1, maxGap: .infinity) == [0, 5])
    }
}
