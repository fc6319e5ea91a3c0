import Broadcast
import EventLoops
import NIOCore

/// A reader's hold on its log, whatever the transport: from finding the log to letting go of it.
///
/// Confined to its event loop.
final class Subscription {
    private let source: Subscriber.Source
    private let terms: SubscriptionRequest.Terms
    private let server: ServerContext
    private let eventLoop: EpollLoop
    private var reader: LogReader?
    private var stopWaiting: (@Sendable () -> Void)?
    private var isCancelled = false
    private let silence: TimeAmount
    private var heartbeats: RepeatedTask?

    init(
        _ source: Subscriber.Source,
        _ terms: SubscriptionRequest.Terms,
        _ server: ServerContext,
        _ eventLoop: EpollLoop,
        heartbeatAfter silence: TimeAmount = .seconds(15)
    ) {
        self.source = source
        self.terms = terms
        self.server = server
        self.eventLoop = eventLoop
        self.silence = silence
    }

    /// Whether its view has events that are no upstream's.
    var hasEventsOfOurs: Bool { terms.view.interleaves }

    /// How the log is shown.
    var view: View { terms.view }

    /// The stream that is asked for by its id; nil for a channel.
    var streamID: StreamID? { source.streamID }

    /// Whether the log is found; a reader may have to wait for a channel's next generation.
    var isReading: Bool { reader != nil }

    /// The id of the last event that was given; nil until the log is found and has been joined.
    var token: ResumeToken? { reader?.token }

    /// Has the log written to `connection`, from where the terms say on.
    func begin(_ transport: ViewFormat.Transport, for connection: any ReaderConnection) {
        let format = ViewFormat(
            view: terms.view,
            transport: transport,
            includesUsage: terms.includesUsage,
            base: server.publicURL
        )
        stopWaiting = source.resolve(terms, on: eventLoop) { [self] log in
            heartbeats?.cancel()
            heartbeats = nil
            guard !isCancelled else { return }
            guard let log else { return connection.ended(.shutdown) }
            let reader = LogReader(
                format: format,
                position: terms.position,
                catchUp: terms.catchUp,
                merges: terms.merges,
                connection: connection
            )
            self.reader = reader
            server.hub.subscribe(reader, to: log, on: eventLoop)
        }
        guard !isReading, !isCancelled, let heartbeat = format.heartbeat else { return }
        // No log knows of a reader that waits for its stream to begin.
        let bound = NIOLoopBound(connection, eventLoop: eventLoop)
        heartbeats = eventLoop.scheduleRepeatedTask(initialDelay: silence, delay: silence) { _ in
            if bound.value.isWritable { bound.value.write(heartbeat) }
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
        heartbeats?.cancel()
        heartbeats = nil
    }
}
