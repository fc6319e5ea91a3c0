import Dialects
import NIOCore
import Synchronization

/// A log that many generations append to, and anyone may publish to, each event under a sequence number of the channel's
/// own.
///
/// `@unchecked Sendable`: what changes is touched on the log's event loop only, apart from atomics.
public final class EventChannel: @unchecked Sendable {
    public let name: String
    public let log: EventLog
    let fold: ChannelFold
    let held: HeldBytes?
    let limits: PublishLimits
    let counters: Counters
    var bucket = TokenBucket()
    var isClosed = false
    /// The generations in order of their start, for views that show one at a time.
    var begun = ChannelStreams()
    var waiting: [Int: EventLoopPromise<EventLog>] = [:]
    private let tickets = Atomic<Int>(0)
    /// The generations that append to it, or will.
    private let sources = Atomic<Int>(0)

    init(
        name: String,
        eventLoop: any EventLoop,
        retention: Retention = .init(),
        budget: MemoryBudget? = nil,
        limits: PublishLimits = .init(),
        counters: Counters
    ) {
        self.name = name
        self.limits = limits
        self.counters = counters
        held = budget?.held
        fold = ChannelFold(name: name)
        log = EventLog(
            epoch: StreamID(),
            eventLoop: eventLoop,
            fold: .channel(fold, name: name),
            retention: retention,
            budget: budget,
            counters: counters
        )
    }

    /// Whether a generation is about to append to it.
    var isInUse: Bool { sources.load(ordering: .relaxed) > 0 }

    func join() { sources.wrappingAdd(1, ordering: .relaxed) }
    func leave() { sources.wrappingSubtract(1, ordering: .relaxed) }

    func nextTicket() -> Int { tickets.wrappingAdd(1, ordering: .relaxed).newValue }

    /// Appends a batch from whatever loop it was made on; batches of one generation stay in order.
    ///
    /// - Parameters:
    ///   - stream: the generation's own log.
    ///   - fold: the generation's, which is shared where the loop is.
    ///   - time: when, about.
    func append(_ batch: EventBatch, of stream: EventLog, fold: StreamFold, at time: NIODeadline) {
        if stream.eventLoop === log.eventLoop {
            take(batch, of: stream, shared: fold, at: time)
        } else {
            log.eventLoop.execute { self.take(batch, of: stream, shared: nil, at: time) }
        }
    }

    private func take(_ batch: EventBatch, of stream: EventLog, shared: StreamFold?, at time: NIODeadline) {
        fold.moveOn()
        if batch.isFirst { fold.began(batch.info, at: log.newest + 1, shared: shared) }
        log.append(batch, at: time)
        if batch.isLast { fold.ended(batch.info.id) }
        guard batch.isFirst || batch.isLast else { return }
        log.needs(from: fold.oldest)
        if batch.isFirst { began(stream) }
    }

    private func began(_ stream: EventLog) {
        begun.append(stream)
        let waiting = self.waiting
        self.waiting = [:]
        for promise in waiting.values { promise.succeed(stream) }
    }

    /// Lets go of who waits for a generation, as when the program stops.
    func close(over window: TimeAmount) {
        log.eventLoop.execute {
            self.isClosed = true
            let waiting = self.waiting
            self.waiting = [:]
            for promise in waiting.values {
                self.log.eventLoop.scheduleTask(in: window.someMoment) { promise.fail(ChannelClosed()) }
            }
            self.log.close(over: window)
        }
    }

    /// What is said of a name that can't be a channel's.
    public static func refusal(ofName name: some StringProtocol) -> String {
        "'\(name)' can't name a channel: 1 to 128 of ASCII letters, digits, dot, underscore, hyphen"
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

/// The node stopped while a reader waited for a channel's next generation, or the channel was let go of, being idle.
public struct ChannelClosed: Error {}
