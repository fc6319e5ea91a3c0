import Dialects
import NIOCore
import Testing

@testable import Broadcast

/// The list of a log's segments: numbering, look-up, trimming.
@Suite struct SegmentListTests {
    private let info = makeInfo(StreamID())

    private func list(_ counts: [Int]) -> SegmentList {
        var list = SegmentList()
        for count in counts { list.append(makeBatch(info, Array(repeating: text("x"), count: count))) }
        return list
    }

    @Test func anEmptyListBeginsAtOne() {
        let list = SegmentList()
        #expect(list.next == 1)
        #expect(list.earliest == 1)
        #expect(list.index(of: 1) == nil)
        #expect(list.lastInRaw == 0)
    }

    @Test func eventsAreNumberedWithoutGaps() {
        let list = list([1, 3, 2])
        #expect(list.segments.map(\.first) == [1, 2, 5])
        #expect(list.segments.map(\.next) == [2, 5, 7])
        #expect(list.next == 7)
        #expect(list.byteCount == list.segments.reduce(0) { $0 + $1.content.byteCount })
    }

    @Test(
        "Every number is found in its segment",
        arguments: [[1], [5], [1, 1, 1, 1], [3, 1, 4, 1, 5, 9, 2, 6], [2, 2, 2]]
    )
    func everyNumberIsFound(counts: [Int]) {
        var list = list(counts)
        for dropped in 0..<counts.count {
            for sequence in -1...list.next + 1 {
                let found = list.index(of: sequence).map { list.segments[$0] }
                let expected = list.segments.first { $0.first <= sequence && sequence < $0.next }
                #expect(found?.first == expected?.first, "\(sequence) with \(dropped) dropped")
            }
            list.dropFirst()
        }
        #expect(list.byteCount == 0)
        #expect(list.earliest == list.next)
    }

    @Test func trimmingDropsWholeSegmentsFromTheFront() {
        var list = list([10, 10, 10, 10])
        list.trim(maximumEvents: 25, maximumBytes: .max)
        #expect(list.earliest == 21)
        list.trim(maximumEvents: .max, maximumBytes: 1)
        // The newest stays, however large it is.
        #expect(list.earliest == 31)
        #expect(list.next == 41)
        list.dropFirst()
        list.dropFirst()
        #expect(list.earliest == 41)
        list.append(makeBatch(info, [text("x")]))
        #expect(list.segments.first?.first == 41)
    }

    @Test func theRawViewsLastEventIsTheLastFrame() {
        var list = list([2])
        list.append(
            makeBatch(info, [.finish(choice: 0, FinishReason(openAI: "stop")), .end(StreamEnd(state: .complete))])
        )
        #expect(list.lastInRaw == 3)
        var alone = self.list([2])
        alone.append(makeBatch(info, [.end(StreamEnd(state: .complete))]))
        #expect(alone.lastInRaw == 2)
        // Our own word for an end that the upstream didn't give is shown.
        var broken = self.list([2])
        broken.append(makeBatch(info, [.end(StreamEnd(state: .truncated))]))
        #expect(broken.lastInRaw == 3)
    }
}
