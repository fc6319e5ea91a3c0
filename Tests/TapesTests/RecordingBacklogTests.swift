import Testing

@testable import Tapes

@Suite("What waits for the recorder's writer")
struct RecordingBacklogTests {
    private let sink = RecordingSink(
        RecordingSink.Settings(
            root: "never-made",
            scope: .root,
            tool: "t",
            api: "api",
            naming: CassetteRecorder.Naming(),
            secrets: .none,
            requestBody: .full,
            limits: TapeLimits(),
            report: { _ in }
        )
    )

    private func chunks(_ bytes: [UInt8]...) -> RecordedChunks {
        var chunks = RecordedChunks()
        for (index, bytes) in bytes.enumerated() {
            bytes.withUnsafeBytes { chunks.append(offset: Int64(index), $0) }
        }
        return chunks
    }

    /// The chunks of a block's steps, each with its offset.
    private func content(_ block: RecordingBacklog.Block) -> [[String]] {
        block.items.map { item in
            guard case .chunks(let range) = item.step else { return ["-"] }
            return range.map { index in
                let end = block.chunks.ends[index]
                let bytes = block.chunks.bytes[block.chunks.start(of: index)..<end.end]
                return "\(end.offset):\(String(decoding: bytes, as: UTF8.self))"
            }
        }
    }

    @Test("keeps order and borders, empty chunks too, and says what it costs")
    func order() {
        var backlog = RecordingBacklog()
        backlog.append(sink, chunks([97, 98], [], [99]))
        backlog.append(sink, .abandon, bytes: 7)
        backlog.append(sink, chunks([100]))
        #expect(backlog.cost == 3 + 7 + 1 + 4 * 16 + 3 * RecordingBacklog.cost(0))
        let blocks = backlog.take()
        #expect(blocks.map(content) == [[["0:ab", "1:", "2:c"], ["-"], ["0:d"]]])
        #expect(backlog.isEmpty)
        #expect(backlog.cost == 0)
    }

    @Test("counts what the borders of tiny chunks take")
    func tiny() {
        var backlog = RecordingBacklog()
        var tiny = RecordedChunks()
        for index in 0..<1000 { [UInt8(97)].withUnsafeBytes { tiny.append(offset: Int64(index), $0) } }
        backlog.append(sink, tiny)
        #expect(backlog.cost >= 1000 * 17)
    }

    @Test("begins a block where the last is full, and gives one that is too large its own")
    func blocks() {
        var backlog = RecordingBacklog()
        let large = [UInt8](repeating: 120, count: 100 << 10)
        for _ in 0..<5 { backlog.append(sink, chunks(large)) }
        backlog.append(sink, chunks(large + large + large))
        backlog.append(sink, chunks([97]))
        #expect(backlog.take().map { $0.items.count } == [2, 2, 1, 1, 1])
    }

    @Test("uses emptied blocks again, whose room is there still")
    func reuse() {
        var backlog = RecordingBacklog()
        backlog.append(sink, chunks([97]))
        var blocks = backlog.take()
        let place = blocks[0].chunks.bytes.withUnsafeBytes { $0.baseAddress }
        for block in blocks.indices { blocks[block].removeAll() }
        #expect(content(blocks[0]) == [])
        backlog.recycle(&blocks)
        #expect(blocks.isEmpty)
        backlog.append(sink, chunks([98]))
        let again = backlog.take()
        #expect(content(again[0]) == [["0:b"]])
        #expect(again[0].chunks.bytes.withUnsafeBytes { $0.baseAddress } == place)
    }
}
