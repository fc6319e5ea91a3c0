import NIOCore
import NIOEmbedded
import Testing

@testable import Server

/// Many timeouts under one timer.
@Suite struct TimeoutHeapTests {
    @Test("The next one comes first, whatever was taken out between", arguments: [1, 7, 42, 1000] as [UInt64])
    func order(seed: UInt64) {
        // A linear congruential generator (Knuth's MMIX), so that a failure can be run again.
        var state = seed
        func random(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        var heap = TimeoutHeap()
        var there: [Timeout] = []
        for _ in 0..<3000 {
            switch random(3) {
            case 0, 1:
                let timeout = Timeout(.uptimeNanoseconds(UInt64(random(500)))) {}
                heap.insert(timeout)
                there.append(timeout)
            default:
                guard !there.isEmpty else { continue }
                let timeout = there.remove(at: random(there.count))
                let removals = [heap.remove(timeout), heap.remove(timeout)]
                #expect(removals == [true, false])
            }
            #expect(heap.count == there.count)
            #expect(heap.next?.due == there.map(\.due).min())
        }
        var last = NIODeadline.uptimeNanoseconds(0)
        while let next = heap.next {
            #expect(next.due >= last)
            last = next.due
            let isRemoved = heap.remove(next)
            #expect(isRemoved)
        }
        #expect(heap.count == 0)
    }

    @Test("One that is taken back is not done, and a later one is done once")
    func firing() {
        let loop = EmbeddedEventLoop()
        let timeouts = Timeouts(loop)
        var done: [String] = []
        let first = timeouts.after(.zero) { done.append("first") }
        let second = timeouts.after(.zero) { done.append("second") }
        let late = timeouts.after(.hours(1)) { done.append("late") }
        first.cancel()
        first.cancel()
        // What one does may take back another, or ask for one more; which of two comes first at the same time isn't said.
        _ = timeouts.after(.zero) {
            second.cancel()
            done.append("third")
            _ = timeouts.after(.zero) { done.append("fourth") }
        }
        let early = timeouts.after(.milliseconds(10)) { done.append("early") }
        loop.advanceTime(by: .zero)
        loop.advanceTime(by: .zero)
        #expect(Set(done) == ["second", "third", "fourth"] || Set(done) == ["third", "fourth"])
        early.cancel()
        loop.advanceTime(by: .minutes(59))
        #expect(!done.contains("early") && !done.contains("late"))
        loop.advanceTime(by: .minutes(1))
        #expect(done.last == "late" && done.count { $0 == "late" } == 1)
        late.cancel()
    }
}
