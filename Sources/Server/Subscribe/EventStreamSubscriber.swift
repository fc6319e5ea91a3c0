import Broadcast
import NIOCore
import Upstream

/// A reader over HTTP: an event stream as the response's body.
final class EventStreamSubscriber: Responder, ReaderConnection {
    private let server: ServerContext
    private let connection: HTTPConnection
    private let writer: ResponseWriter
    private let source: Subscriber.Source
    private let terms: SubscriptionRequest.Terms
    private let eventLoop: any EventLoop
    private var reader: LogReader?
    private var stopWaiting: (@Sendable () -> Void)?
    private var isOver = false

    init(
        _ source: Subscriber.Source,
        _ terms: SubscriptionRequest.Terms,
        _ server: ServerContext,
        _ connection: HTTPConnection,
        _ writer: ResponseWriter,
        _ eventLoop: any EventLoop
    ) {
        self.source = source
        self.terms = terms
        self.server = server
        self.connection = connection
        self.writer = writer
        self.eventLoop = eventLoop
    }

    func begin() {
        server.counters.sseSubscribers.add()
        writer.head(ResponseHead(status: 200, headers: Self.headers(for: source.streamID)))
        writer.flush()
        let transport: ViewFormat.Transport = writer.isChunked ? .chunkedEventStream : .plainEventStream
        let format = ViewFormat(view: terms.view, transport: transport)
        stopWaiting = server.hub.resolve(source, on: eventLoop) { [self] log in
            guard !isOver else { return }
            guard let log else { return ended(.shutdown) }
            let reader = LogReader(format: format, position: terms.position, connection: self)
            self.reader = reader
            server.hub.subscribe(reader, to: log, on: eventLoop)
        }
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

    func writable() { reader?.writable() }

    func disconnected() {
        guard leave() else { return }
        reader?.cancel()
        reader = nil
        stopWaiting?()
    }

    /// Counts the reader out, once.
    private func leave() -> Bool {
        guard !isOver else { return false }
        isOver = true
        server.counters.sseSubscribers.subtract()
        return true
    }
}
