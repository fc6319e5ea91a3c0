import Broadcast
import NIOCore

/// A reader's hold on its log, whatever the transport: from finding the log to letting go of it.
///
/// Confined to its event loop.
final class Subscription {
    private let source: Subscriber.Source
    private let terms: SubscriptionRequest.Terms
    private let hub: Hub
    private let eventLoop: any EventLoop
    private var reader: LogReader?
    private var stopWaiting: (@Sendable () -> Void)?
    private var isCancelled = false

    init(
        _ source: Subscriber.Source,
        _ terms: SubscriptionRequest.Terms,
        _ hub: Hub,
        _ eventLoop: any EventLoop
    ) {
        self.source = source
        self.terms = terms
        self.hub = hub
        self.eventLoop = eventLoop
    }

    /// The stream that is read; nil for a channel's generation that is yet to come.
    var streamID: StreamID? { source.streamID }

    /// Whether the log is found; a reader may have to wait for a channel's next generation.
    var isReading: Bool { reader != nil }

    /// Has the log written to `connection`, from where the terms say on.
    func begin(_ transport: ViewFormat.Transport, for connection: any ReaderConnection) {
        stopWaiting = hub.resolve(source, on: eventLoop) { [self] log in
            guard !isCancelled else { return }
            guard let log else { return connection.ended(.shutdown) }
            let format = ViewFormat(view: terms.view, transport: transport, includesUsage: terms.includesUsage)
            let reader = LogReader(format: format, position: terms.position, connection: connection)
            self.reader = reader
            hub.subscribe(reader, to: log, on: eventLoop)
        }
    }

    /// The connection takes bytes again.
    func writable() { reader?.writable() }

    /// The connection is gone, or the log is over.
    func cancel() {
        isCancelled = true
        reader?.cancel()
        reader = nil
        stopWaiting?()
        stopWaiting = nil
    }
}
