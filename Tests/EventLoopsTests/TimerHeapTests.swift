import NIOCore
import Testing

@testable import EventLoops

/// Many timers in one heap.
@Suite struct TimerHeapTests {
    @Test("The next one comes first, whatever was taken out between", arguments: [1, 7, 42, 1000] as [UInt64])
    func order(seed: UInt64) {
        // A linear congruential generator (Knuth's MMIX), so that a failure can be run again.
        var state = seed
        func random(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        var heap = TimerHeap()
        var there: [LoopTimer] = []
        for _ in 0..<3000 {
            switch random(3) {
            case 0, 1:
                let timer = LoopTimer(.uptimeNanoseconds(UInt64(random(500)))) {}
                heap.insert(timer)
                there.append(timer)
            default:
                guard !there.isEmpty else { continue }
                let timer = there.remove(at: random(there.count))
                let removals = [heap.remove(timer), heap.remove(timer)]
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
}
