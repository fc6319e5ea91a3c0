import Dialects
public import NIOCore
import Synchronization

/// A log that many generations append to, each event under a sequence number of the channel's own.
///
/// `@unchecked Sendable`: what changes is touched on the log's event loop only.
public final class EventChannel: @unchecked Sendable {
    public let name: String
    public let log: EventLog
    /// The running generations in order of their start, for views that show one at a time.
    private var running: [StreamID] = []
    private var waiting: [Int: EventLoopPromise<StreamID>] = [:]
    private let tickets = Atomic<Int>(0)

    init(name: String, log: EventLog) {
        self.name = name
        self.log = log
    }

    /// Appends a batch from whatever loop it was made on; batches of one generation stay in order.
    func append(_ batch: EventBatch) {
        if log.eventLoop.inEventLoop {
            take(batch)
        } else {
            log.eventLoop.execute { self.take(batch) }
        }
    }

    private func take(_ batch: EventBatch) {
        log.append(batch)
        if case .start = batch.content.events.first {
            running.append(batch.info.id)
            let waiting = self.waiting
            self.waiting = [:]
            for promise in waiting.values { promise.succeed(batch.info.id) }
        }
        if batch.summary != nil { running.removeAll { $0 == batch.info.id } }
    }

    /// The generation that runs now, the newest where several do, or else the next to start.
    ///
    /// - Returns: the stream to come, and what ends the wait for it.
    public func currentStream() -> (stream: EventLoopFuture<StreamID>, cancel: @Sendable () -> Void) {
        let ticket = tickets.wrappingAdd(1, ordering: .relaxed).newValue
        let stream = log.eventLoop.flatSubmit {
            let promise = self.log.eventLoop.makePromise(of: StreamID.self)
            if let id = self.running.last {
                promise.succeed(id)
            } else {
                self.waiting[ticket] = promise
            }
            return promise.futureResult
        }
        let cancel = { @Sendable in
            self.log.eventLoop.execute { self.waiting.removeValue(forKey: ticket)?.fail(ChannelClosed()) }
        }
        return (stream, cancel)
    }

    /// Lets go of who waits for a generation, as when the program stops.
    func close(over window: TimeAmount) {
        log.eventLoop.execute {
            let waiting = self.waiting
            self.waiting = [:]
            for promise in waiting.values {
                self.log.eventLoop.scheduleTask(in: window.someMoment) { promise.fail(ChannelClosed()) }
            }
            self.log.close(over: window)
        }
    }

    /// Whether a name can be a channel's: 1 to 128 of ASCII letters, digits, `.`, `_`, `-`.
    public static func isValid(name: some StringProtocol) -> Bool {
        (1...128).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                switch byte {
                case 48...57, 65...90, 97...122, UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"): true
                default: false
                }
            }
    }
}

/// The node stopped while a reader waited for a channel's next generation.
public struct ChannelClosed: Error {}
