import Dialects
import NIOCore
import NIOEmbedded
import TestSupport
import Testing

@testable import Broadcast

/// How much memory a stream's events take, and that views don't see how they are kept.
@Suite("A stream's pages")
struct EventPagesTests {
    private let info = makeInfo(StreamID())
    private let packer = EventPacker()

    private func buffer(_ size: Int, _ events: [TokenEvent] = [text("word")]) -> EventBuffer {
        var buffer = EventBuffer()
        let data = [UInt8](repeating: UInt8(ascii: "x"), count: size)
        buffer.openFrame(name: RawSpan(), data: data.span.bytes)
        for event in events { buffer.append(event) }
        buffer.closeFrame()
        return buffer
    }

    @Test(
        "A live stream takes little more than its bytes, however they come, and that is what is counted",
        arguments: [230, 60, 700, 1100, 2000, 5000, 9000]
    )
    func overhead(size: Int) {
        let held = HeldBytes()
        var pages = EventPages(held: held)
        var batches: [EventBatch] = []
        let count = 200_000 / size
        for _ in 0..<count { batches.append(pages.seal(buffer(size), info, offset: 0, by: packer)) }
        let ratio = Double(held.current) / Double(count * size)
        #expect(ratio > 1 && ratio < (size < 100 ? 1.3 : 1.15), "\(ratio)")
        let unique = Dictionary(batches.map { (ObjectIdentifier($0.run.page), $0.run.page) }) { page, _ in page }
        #expect(held.current == unique.values.reduce(0) { $0 + $1.capacity + 80 })
        // A page lives as long as somebody has a part of it.
        let last = batches.removeLast()
        batches = []
        pages = EventPages()
        #expect(held.current == last.run.page.capacity + 80 || unique.count > 1)
    }

    @Test("Nothing is held once nobody has any of it")
    func released() {
        let held = HeldBytes()
        do {
            var pages = EventPages(held: held)
            for _ in 0..<100 { _ = pages.seal(buffer(230), info, offset: 0, by: packer) }
            #expect(held.current > 0)
        }
        #expect(held.current == 0)
    }

    @Test("A short stream doesn't take much for its length")
    func short() {
        let held = HeldBytes()
        var pages = EventPages(held: held)
        let batch = pages.seal(buffer(230), info, offset: 0, by: packer)
        #expect(held.current <= 2200 && batch.count == 1)
    }

    // MARK: Views

    /// The same stream, kept batch by batch and kept together.
    private func lists() -> (apart: SegmentList, together: SegmentList) {
        var apart = SegmentList()
        var together = SegmentList(merging: .init(events: 20, bytes: 3000))
        var pages = EventPages()
        let info = makeInfo(info.id)
        func add(_ buffer: EventBuffer, _ summary: StreamSummary? = nil) {
            apart.append(EventBatch(info: info, content: buffer, summary: summary))
            let batch = pages.seal(buffer, info, offset: 0, summary: summary, by: packer)
            together.append(.batch(batch), at: .now())
        }
        add(buffer(20, [.start(info.start), text("first")]))
        for index in 0..<60 {
            switch index % 7 {
            case 0: add(buffer(100, [text("w\(index) "), .usage(TokenUsage(output: index))]))
            case 1: add(buffer(0, [.opaque]))
            case 2: add(buffer(900, [text(String(repeating: "long ", count: 30)), text("b", choice: 1)]))
            default: add(buffer(60, [text("w\(index)\n")]))
            }
        }
        var last = buffer(9, [.finish(choice: 0, FinishReason(openAI: "stop"))])
        last.append(.end(StreamEnd(state: .error, error: StreamError(message: "m"))))
        add(last, StreamSummary(finish: "stop", usage: TokenUsage(output: 9)))
        return (apart, together)
    }

    @Test("Every view of what is kept together has the same bytes from every place on", arguments: View.allCases)
    func views(view: View) {
        let (apart, together) = lists()
        #expect(together.count < apart.count / 3 && together.next == apart.next)
        #expect(together.lastInRaw == apart.lastInRaw)
        for transport in [ViewFormat.Transport.plainEventStream, .webSocket, .json] {
            let renderer = EventRenderer(format: ViewFormat(view: view, transport: transport, includesUsage: true))
            for from in 1...apart.next {
                for (limit, merges) in [(Int.max, false), (Int.max, true), (700, false), (700, true)] {
                    #expect(
                        pieces(renderer, apart, from, limit, merges) == pieces(renderer, together, from, limit, merges)
                    )
                }
            }
        }
    }

    /// All pieces from a place on, with the numbers that they end at.
    private func pieces(
        _ renderer: EventRenderer,
        _ list: SegmentList,
        _ from: Int,
        _ limit: Int,
        _ merges: Bool
    ) -> [String] {
        var pieces: [String] = []
        var next = from
        while next < list.next {
            let piece = renderer.render(list, from: next, atMost: limit, epoch: info.id, merges: merges)
            guard piece.next > next else { return pieces + ["stands still at \(next)"] }
            next = piece.next
            pieces.append("\(next) \(piece.count) \(String(buffer: piece.bytes))")
        }
        return pieces
    }

    @Test("A turn's memory goes from stream to stream, and holds nothing of the last")
    func turns() {
        let loop = EmbeddedEventLoop()
        let hub = Hub(eventLoops: [loop])
        let generations = (0..<3).map { _ in
            let generation = hub.makeGeneration(.init(method: "POST", path: "/"), dialect: .openAIChat, on: loop)
            generation.responded(status: 200, framing: .serverSentEvents)
            return generation
        }
        for turn in 0..<20 {
            for (index, generation) in generations.enumerated() {
                generation.feed(ByteBuffer(string: Chat.frame("\(index).\(turn) ")), offset: turn)
                // Sometimes several are open at once.
                if turn % 3 > 0 { generation.seal() }
            }
            for generation in generations { generation.seal() }
        }
        for (index, generation) in generations.enumerated() {
            #expect(generation.fold.text == (0..<20).map { "\(index).\($0) " }.joined())
            let events = generation.log.home.list.segments.compactMap(\.run).flatMap(\.events)
            #expect(MessageFold(events).text == generation.fold.text)
            #expect(generation.log.newest == 21)
        }
    }
}
