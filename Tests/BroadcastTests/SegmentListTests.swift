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
        #expect(list.segments.allSatisfy { list.byteCount(from: $0.first) > list.byteCount(from: $0.next) })
        #expect(list.byteCount(from: 1) == list.byteCount)
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

    @Test("A list of thousands of segments finds, drops and counts them as a short one does")
    func long() {
        var list = SegmentList()
        var counts: [Int] = []
        for index in 0..<3000 {
            counts.append(1 + index % 3)
            list.append(makeBatch(info, Array(repeating: text("x"), count: 1 + index % 3)))
            if index % 5 == 4 { list.dropFirst() }
        }
        #expect(list.count == 2400 && list.earliest == counts.prefix(600).reduce(1, +))
        #expect(list.segments.map(\.first).sorted() == list.segments.map(\.first))
        for sequence in stride(from: list.earliest, to: list.next, by: 7) {
            let found = list.index(of: sequence).map { list[$0] }
            #expect(found.map { $0.first <= sequence && sequence < $0.next } == true)
        }
        // What was given to another loop's feed stays as it was.
        let copy = list
        let before = copy.segments.map(\.first)
        for _ in 0..<100 { list.dropFirst() }
        list.append(makeBatch(info, [text("y")]))
        #expect(copy.segments.map(\.first) == before && copy.next == list.next - 1)
        while !list.isEmpty { list.dropFirst() }
        #expect(list.byteCount == 0 && list.storage == 0 && list.earliest == list.next)
        #expect(MemoryLayout<SegmentTable.Row>.stride == 32)
    }

    /// One event a batch, all in the pages of one stream.
    private func pieces(_ count: Int) -> [EventBatch] {
        var pages = EventPages()
        let packer = EventPacker()
        return (0..<count).map { index in
            var buffer = EventBuffer()
            buffer.append(text("\(index)"))
            return pages.seal(buffer, info, offset: 0, by: packer)
        }
    }

    @Test("Batches that lie together make one segment, up to its bounds")
    func merging() {
        let batches = pieces(20)
        func counts(_ merging: SegmentList.Merging, _ batches: [EventBatch], apart: TimeAmount = .zero) -> [Int] {
            var list = SegmentList(merging: merging)
            var time = NIODeadline.uptimeNanoseconds(1 << 40)
            for batch in batches {
                list.append(.batch(batch), at: time)
                time = time + apart
            }
            #expect(list.next == batches.count + 1)
            return list.segments.map { $0.next - $0.first }
        }
        let free = SegmentList.Merging(events: .max, bytes: .max)
        #expect(counts(.none, batches) == Array(repeating: 1, count: 20))
        #expect(counts(free, batches) == [20])
        #expect(counts(.init(events: 8, bytes: .max), batches) == [8, 8, 4])
        let size = batches[0].byteCount
        #expect(counts(.init(events: .max, bytes: 32 + 5 * size), Array(batches.prefix(10))) == [5, 5])
        // Eighths of a second, about: at most three ticks from the first to the last.
        let slow = SegmentList.Merging(events: .max, bytes: .max, ticks: 3)
        #expect(counts(slow, Array(batches.prefix(8)), apart: .nanoseconds(1 << 27)) == [4, 4])
        // What doesn't follow each other isn't put together.
        #expect(counts(free, [batches[0], batches[2], batches[3], batches[1]]) == [1, 2, 1])
    }

    @Test("What is published stands between a stream's events")
    func published() throws {
        let batches = pieces(4)
        var list = SegmentList(merging: .init(events: .max, bytes: .max))
        let event = try #require(PublishedEvent(data: Array("1".utf8)))
        for (index, batch) in batches.enumerated() {
            if index == 2 { list.append(.published(Publication(event)), at: .now()) }
            list.append(.batch(batch), at: .now())
        }
        #expect(list.segments.map(\.first) == [1, 3, 4])
        #expect(list.segments.map { $0.run == nil } == [false, true, false])
    }

    @Test("A segment is too old when its newest event is")
    func expiring() {
        let batches = pieces(3)
        var list = SegmentList(merging: .init(events: .max, bytes: .max))
        let start = NIODeadline.uptimeNanoseconds(1 << 40)
        for (index, batch) in batches.enumerated() { list.append(.batch(batch), at: start + .seconds(Int64(index))) }
        list.expire(before: start + .seconds(1))
        #expect(list.earliest == 1)
        list.expire(before: start + .seconds(3))
        #expect(list.isEmpty && list.earliest == 4)
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
