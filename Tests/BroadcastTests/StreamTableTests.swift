import Dialects
import NIOEmbedded
import Testing

@testable import Broadcast

/// The listing of a node's streams, as far as it is order and paging.
@Suite struct StreamTableTests {
    private let loop = EmbeddedEventLoop()

    private func record(_ milliseconds: UInt64, model: String? = nil) -> StreamRecord {
        let id = StreamID(milliseconds: milliseconds)
        let log = TestLog(makeInfo(id), on: loop).log
        let request = Generation.Request(method: "POST", path: "/v1/chat/completions", model: model)
        return StreamRecord(id: id, request: request, dialect: "openai.chat", log: log, created: Int(milliseconds))
    }

    @Test("Streams stand in the order of their ids, whatever order they come in")
    func order() {
        let records = (1...6).map { record($0 * 10) }
        var table = StreamTable()
        for index in [0, 2, 1, 5, 3, 4, 3] { table.insert(records[index]) }
        #expect(table.ordered.map(\.created) == [10, 20, 30, 40, 50, 60])
        table.remove(records[3].id)
        table.remove(records[3].id)
        table.remove(StreamID(milliseconds: 5))
        #expect(table.ordered.map(\.created) == [10, 20, 30, 50, 60])
        #expect(table[records[3].id] == nil)
        #expect(table[records[4].id] === records[4])
    }

    @Test("A page begins behind its cursor, also where that stream is gone meanwhile", arguments: [1, 2, 3, 10])
    func paging(limit: Int) throws {
        let hub = Hub(eventLoops: [loop])
        let ids = (0..<7).map { index in
            hub.makeGeneration(
                .init(method: "POST", path: "/v1/chat/completions", model: index == 3 ? "other" : "demo"),
                dialect: .generic,
                on: loop
            ).id
        }
        let sorted = ids.sorted { $0.description > $1.description }
        let wanted = sorted.filter { $0 != ids[3] }
        var seen: [StreamID] = []
        var cursor: StreamID?
        repeat {
            let page = hub.streams(before: cursor, limit: limit) { $0.request.model == "demo" }
            #expect(page.streams.count <= limit)
            seen += page.streams.map(\.id)
            cursor = page.next
        } while cursor != nil
        #expect(seen == wanted)
        // An id that never was is a place all the same.
        #expect(hub.streams(before: StreamID(milliseconds: 1), limit: 10).streams.isEmpty)
        #expect(hub.streams(before: StreamID(milliseconds: 1 << 47), limit: 10).streams.count == 7)
    }

    @Test("What is known of a stream grows with it, and to stop it does nothing behind its end")
    func progress() throws {
        let hub = Hub(eventLoops: [loop])
        let generation = hub.makeGeneration(
            .init(method: "POST", path: "/v1/chat/completions", model: "asked", owner: "alice", upstream: "up"),
            dialect: .generic,
            on: loop
        )
        let record = try #require(hub.record(of: generation.id))
        #expect(record.progress.state == "streaming" && record.progress.model == "asked")
        #expect(record.origin == StreamOrigin(owner: "alice", channel: nil))
        generation.responded(status: 200, framing: .serverSentEvents)
        #expect(record.progress.status == 200)
        nonisolated(unsafe) var stops = 0
        record.onCancel { stops += 1 }
        record.cancel()
        record.cancel()
        #expect(stops == 1)
        record.onCancel { stops += 1 }
        generation.abandon(.init(state: .cancelled))
        record.cancel()
        record.onCancel { stops += 1 }
        record.cancel()
        #expect(stops == 1)
        #expect(record.progress.state == "cancelled" && record.progress.ended != nil)
    }
}
