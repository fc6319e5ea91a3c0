import Broadcast
import NIOCore
import Upstream

/// A reader over HTTP: an event stream as the response's body.
final class EventStreamSubscriber: Responder, ReaderConnection {
    private let server: ServerContext
    private let connection: HTTPConnection
    private let writer: ResponseWriter
    private let subscription: Subscription
    private var isOver = false

    init(
        _ subscription: Subscription,
        _ server: ServerContext,
        _ connection: HTTPConnection,
        _ writer: ResponseWriter
    ) {
        self.subscription = subscription
        self.server = server
        self.connection = connection
        self.writer = writer
    }

    func begin() {
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
        // A log with a hole must not look whole: its reader is cut off.
        if reason == .incomplete { writer.abort() } else { writer.end() }
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
        server.counters.sseSubscribers.subtract()
        return true
    }
}
