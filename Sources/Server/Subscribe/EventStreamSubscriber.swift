import Broadcast
import EventLoops
import NIOCore
import Upstream

/// A reader over HTTP: an event stream as the response's body.
final class EventStreamSubscriber: Responder, ReaderConnection, Swept {
    private let server: ServerContext
    private let connection: HTTPConnection
    private let writer: ResponseWriter
    private let subscription: Subscription
    private var isOver = false
    private var progress: SocketProgress
    private let sweep: Sweep
    var place = 0

    init(
        _ subscription: Subscription,
        _ server: ServerContext,
        _ connection: HTTPConnection,
        _ writer: ResponseWriter,
        _ eventLoop: EpollLoop
    ) {
        self.subscription = subscription
        self.server = server
        self.connection = connection
        self.writer = writer
        progress = SocketProgress(patience: server.configuration.stallTimeout)
        sweep = server.sweeps[eventLoop]
    }

    func begin() {
        sweep.add(self)
        server.counters.sseSubscribers.add()
        writer.head(ResponseHead(status: 200, headers: Self.headers(for: subscription.streamID)))
        writer.flush()
        guard !isOver else { return }
        subscription.begin(writer.isChunked ? .chunkedEventStream : .plainEventStream, for: self)
    }

    static func headers(for stream: StreamID?) -> [HeaderField] {
        [
            HeaderField("content-type", "text/event-stream; charset=utf-8"),
            // Every cache and proxy on the way is told to keep its hands off.
            HeaderField("cache-control", "no-cache, no-transform"),
            HeaderField("x-accel-buffering", "no"),
        ] + (stream.map { [HeaderField("Tokencast-Stream", $0.description)] } ?? [])
    }

    // MARK: ReaderConnection

    var isWritable: Bool { connection.isWritable }

    func write(_ bytes: ByteBuffer) { writer.shared(bytes) }

    func ended(_ reason: ReaderEnd) {
        guard leave() else { return }
        switch reason {
        case .complete: break
        // A log with a hole must not look whole: its reader is cut off.
        case .incomplete: return writer.abort()
        case .shutdown:
            // Spread, so that those who are cut off together don't return together.
            if subscription.hasEventsOfOurs {
                writer.body(ByteBuffer(string: "retry: \(Int.random(in: 1000...10_000))\n\n"))
            }
        }
        writer.end()
    }

    /// Cuts off a reader whose socket makes no progress: what it holds is held for nobody.
    func check(at now: NIODeadline) {
        guard !isOver else { return sweep.remove(self) }
        let isStalled = progress.isStalled(
            written: connection.written + writer.backlog,
            unacknowledged: connection.unacknowledged + writer.backlog,
            at: now
        )
        guard isStalled else { return }
        guard leave() else { return }
        server.counters.stalledSubscribers.add()
        subscription.cancel()
        writer.abort()
    }

    // MARK: Responder

    func writable() { subscription.writable() }

    func disconnected() {
        guard leave() else { return }
        subscription.cancel()
    }

    /// Counts the reader out, once.
    private func leave() -> Bool {
        guard !isOver else { return false }
        isOver = true
        sweep.remove(self)
        server.subscribers.leave()
        server.counters.sseSubscribers.subtract()
        return true
    }
}
