import Dialects
import NIOCore
import NIOEmbedded
import TestSupport
import Testing

@testable import Broadcast

/// A log with readers on its own loop and on another that join, stall, resume, leave and come back at random, against
/// a plain list of what was appended. Both loops are driven by the test, so a seed tells everything.
@Suite struct FeedModelTests {
    @Test("Nobody loses or doubles an event, and who missed some is told", arguments: 0..<100)
    func random(seed: UInt64) throws {
        var model = Model(seed: seed)
        for _ in 0..<200 { try model.step() }
        try model.finish()
    }

    private struct Model {
        /// A subscription and what is known of it.
        struct Reader {
            var connection: FakeReader
            var reader: LogReader
            var position: ReadPosition
        }

        let loops = [EmbeddedEventLoop(), EmbeddedEventLoop()]
        let feeds = [RemoteFeeds(), RemoteFeeds()]
        let counters = Counters()
        let info = makeInfo(StreamID())
        let log: EventLog
        let isTrimmed: Bool
        var random: SeededRandom
        var count = 0
        var readers: [Reader] = []

        init(seed: UInt64) {
            random = SeededRandom(seed: seed)
            isTrimmed = seed % 2 == 1
            var retention = Retention()
            if isTrimmed { retention.maximumEvents = 20 }
            log = EventLog(epoch: info.id, eventLoop: loops[0], retention: retention, counters: counters)
        }

        mutating func step() throws {
            switch Int.random(in: 0..<20, using: &random) {
            case 0..<6: append()
            case 6..<9: join()
            case 9..<11: leave()
            case 11..<13: stall()
            case 13..<15: recover()
            case 15..<17: loops[0].run()
            case 17..<19: loops[1].run()
            default: log.heartbeat(silentSince: .now() - .hours(1))
            }
        }

        mutating func append() {
            let events = (0..<Int.random(in: 1...5, using: &random)).map { text("e\(count + $0 + 1)") }
            count += events.count
            log.append(makeBatch(info, events))
        }

        mutating func join() {
            let connection = FakeReader()
            connection.isWritable = Int.random(in: 0..<4, using: &random) > 0
            let position: ReadPosition =
                switch Int.random(in: 0..<4, using: &random) {
                case 0: .now
                case 1: .after(.init(epoch: info.id, sequence: Int.random(in: 0...count, using: &random)))
                case 2: .after(.init(epoch: StreamID(), sequence: 3))
                default: .earliest
                }
            let reader = LogReader(connection, position: position)
            if Int.random(in: 0..<8, using: &random) == 0 {
                // A socket that fails within a write takes its reader away at once.
                connection.onWrite = { [weak reader] in reader?.cancel() }
            }
            let loop = Int.random(in: 0..<2, using: &random)
            readers.append(Reader(connection: connection, reader: reader, position: position))
            log.add(reader, on: loops[loop], feeds: feeds[loop])
        }

        mutating func leave() {
            readers.randomElement(using: &random)?.reader.cancel()
        }

        mutating func stall() {
            readers.randomElement(using: &random)?.connection.isWritable = false
        }

        mutating func recover() {
            guard let reader = readers.randomElement(using: &random) else { return }
            reader.connection.isWritable = true
            reader.reader.writable()
        }

        /// Lets everybody catch up, ends the log, and looks at what each has got.
        mutating func finish() throws {
            append()
            run()
            let live = readers.filter { $0.reader.connection != nil }
            #expect(log.readerCount == live.count)
            for reader in readers {
                reader.connection.isWritable = true
                reader.reader.writable()
            }
            log.end()
            run()
            #expect(log.readerCount == 0)
            for reader in readers { try check(reader) }
            for reader in live where reader.reader.connection == nil && reader.connection.end == nil {
                // Only a reader that went away within a write may lack its end.
                #expect(reader.connection.writes > 0)
            }
        }

        private func run() {
            for _ in 0..<6 { for loop in loops { loop.run() } }
        }

        /// What a reader has: numbers without a gap from where it began, or a word where one is.
        private func check(_ reader: Reader) throws {
            var expected: Int?
            switch reader.position {
            case .earliest: expected = 1
            case .after(let token) where token.epoch == log.epoch: expected = token.sequence + 1
            case .after, .now: expected = nil
            }
            var isReset = false
            for event in reader.connection.events {
                guard event.name == "delta" else {
                    #expect(event.name == "reset")
                    isReset = true
                    continue
                }
                let number = try #require(Int(event.id.suffix(10)))
                #expect(event.data.contains("\"text\":\"e\(number)\""))
                if let expected {
                    #expect(isReset ? number >= expected : number == expected)
                } else if reader.position != .now {
                    #expect(isReset)
                }
                #expect(isTrimmed || !isReset || reader.position.isForeign(to: log.epoch))
                isReset = false
                expected = number + 1
            }
            if reader.connection.end == .complete {
                #expect(expected == nil || expected == count + 1)
            }
        }
    }
}

extension ReadPosition {
    fileprivate func isForeign(to epoch: StreamID) -> Bool {
        if case .after(let token) = self { token.epoch != epoch } else { false }
    }
}
