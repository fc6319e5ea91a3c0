import NIOCore
import Testing

@testable import Server

/// What is decided about sockets and crowds, without either.
@Suite struct SocketProgressTests {
    @Test("A peer is stalled when it has acknowledged nothing for too long while there was something")
    func stall() {
        var progress = SocketProgress(patience: .seconds(30))
        let start = NIODeadline.now()
        func look(_ seconds: Int64, _ written: Int, _ unacknowledged: Int) -> Bool {
            progress.isStalled(written: written, unacknowledged: unacknowledged, at: start + .seconds(seconds))
        }
        // Nothing to take is no stall, however long.
        #expect(!look(0, 100, 0))
        #expect(!look(1000, 100, 0))
        #expect(!look(1005, 200, 100))
        #expect(!look(1010, 300, 200))
        // A byte is progress.
        #expect(!look(1030, 400, 299))
        #expect(!look(1035, 400, 299))
        #expect(!look(1064, 500, 399))
        #expect(look(1065, 500, 399))
        #expect(look(1070, 600, 499))
        #expect(!look(1075, 600, 0))
        #expect(!look(1080, 700, 100))
        #expect(!look(1105, 700, 100))
    }

    @Test("A socket that has given everything and got nothing since isn't asked again")
    func settled() {
        var progress = SocketProgress(patience: .seconds(30))
        var questions = 0
        func ask(_ written: Int, _ unacknowledged: Int) {
            func answer() -> Int {
                questions += 1
                return unacknowledged
            }
            _ = progress.isStalled(written: written, unacknowledged: answer(), at: .now())
        }
        ask(0, 50)
        ask(0, 0)
        #expect(questions == 2)
        ask(0, 0)
        ask(0, 0)
        #expect(questions == 2)
        ask(10, 10)
        ask(10, 0)
        ask(10, 0)
        #expect(questions == 4)
    }

    @Test(
        "A handful is let go at once, a crowd spread over some time that is bounded",
        arguments: [
            (0, 30_000, 0), (100, 30_000, 0), (101, 30_000, 50), (15_000, 30_000, 7500), (50_000, 30_000, 10_000),
            (15_000, 200, 200),
        ]
    )
    func window(subscribers: Int, most: Int64, expected: Int64) {
        let length = DrainWindow.length(subscribers: subscribers, most: .milliseconds(most))
        #expect(length == .milliseconds(expected))
    }

    @Test("No more subscribers are let in than there may be, and each that leaves makes room")
    func count() {
        let count = SubscriberCount(limit: 2)
        #expect(count.enter() && count.enter() && !count.enter())
        count.leave()
        #expect(count.enter() && !count.enter())
    }
}
