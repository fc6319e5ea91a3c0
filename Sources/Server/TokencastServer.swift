public import Broadcast
import EventLoops
import Glibc
public import Logging
public import NIOCore
import NIOHTTP1
import Synchronization
public import Upstream

/// The listening server: takes connections, and lets what runs end before it stops.
public final class TokencastServer: Sendable {
    public let hub: Hub
    private let context: ServerContext
    private let group: EpollLoopGroup
    private let listener = Mutex<ListeningSocket?>(nil)
    private let connections = Mutex<[ObjectIdentifier: SocketChannel]>([:])
    private let logger: Logger

    /// - Parameters:
    ///   - sinks: makes what takes streams beside their readers; nil for nothing.
    /// - Throws: where the system refuses threads or descriptors.
    public init(
        configuration: ServerConfiguration,
        engine: UpstreamEngine,
        counters: Counters = .init(),
        logger: Logger,
        sinks: (any SinkFactory)? = nil
    ) throws {
        let count = configuration.eventLoops ?? max(1, System.coreCount - 1)
        group = try EpollLoopGroup(count: count)
        hub = Hub(
            eventLoops: group.loops,
            retention: configuration.retention,
            publishing: PublishLimits(
                rate: configuration.limits.publishRate,
                burst: configuration.limits.publishBurst
            ),
            leavesUnread: true,
            counters: counters
        )
        context = ServerContext(
            configuration: configuration,
            hub: hub,
            engine: engine,
            logger: logger,
            sinks: sinks
        )
        self.logger = logger
    }

    /// Begins to listen; returns the address, with the port that was picked where 0 was asked for.
    public func start() async throws -> SocketAddress {
        let configuration = context.configuration
        let wanted = try SocketAddress.makeAddressResolvingHost(configuration.host, port: configuration.port)
        let loop = group.loops[0]
        let socket = try await loop.submit {
            let socket = try ListeningSocket(wanted, on: loop) { self.accept($0) }
            socket.start()
            return socket
        }.get()
        listener.withLock { $0 = socket }
        context.listens(onPort: socket.address.port ?? configuration.port)
        let hub = self.hub
        let silence = configuration.heartbeat
        let pause = TimeAmount.nanoseconds(max(10_000_000, min(5_000_000_000, silence.nanoseconds / 3)))
        group.next().scheduleRepeatedTask(initialDelay: pause, delay: pause) { _ in hub.tidy(heartbeatAfter: silence) }
        return socket.address
    }

    /// Gives a new connection to the loop whose turn it is.
    private func accept(_ descriptor: CInt) {
        let loop = group.next()
        if !loop.hand({ self.open(descriptor, on: loop) }) { close(descriptor) }
    }

    private func open(_ descriptor: CInt, on loop: EpollLoop) {
        let channel = SocketChannel(descriptor: descriptor, on: loop)
        // Made before other threads know of the channel.
        let pipeline = channel.pipeline.syncOperations
        remember(channel)
        let decoder = ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes))
        do {
            try pipeline.addHandlers([
                decoder, HTTPConnection(server: context, channel: channel),
            ])
            channel.activate()
        } catch {
            channel.close()
        }
    }

    /// Stops: no new connections, running streams end within the drain time-out, then subscribers are let go.
    public func stop() async {
        context.isDraining = true
        if let listener = listener.withLock({ $0.take() }) {
            try? await group.loops[0].submit { listener.close() }.get()
        }
        signalDrain()
        let deadline = NIODeadline.now() + context.configuration.drainTimeout
        if context.runningExchanges > 0 {
            logger.notice("waiting for \(context.runningExchanges) running streams")
        }
        while context.runningExchanges > 0, NIODeadline.now() < deadline {
            try? await Task.sleep(for: .milliseconds(20))
        }
        // What still runs ends now, each caller told in its own dialect.
        context.engine.shutdown()
        context.stopRest()
        for _ in 0..<50 where context.runningExchanges > 0 { try? await Task.sleep(for: .milliseconds(10)) }
        await closeSubscriptions()
        signalDrain()
        for _ in 0..<25 where hasConnections { try? await Task.sleep(for: .milliseconds(10)) }
        group.stop()
    }

    /// Lets go of the subscribers: a handful at once, a crowd spread, so that its members don't all come back together.
    private func closeSubscriptions() async {
        let counters = context.counters
        let most = context.configuration.drainTimeout
        let window = DrainWindow.length(subscribers: counters.subscribers, most: most)
        hub.close(over: window)
        let deadline = NIODeadline.now() + window
        while counters.subscribers > 0, NIODeadline.now() < deadline {
            try? await Task.sleep(for: .milliseconds(10))
        }
    }

    private var hasConnections: Bool { connections.withLock { !$0.isEmpty } }

    private func signalDrain() {
        for channel in connections.withLock({ Array($0.values) }) {
            channel.pipeline.fireUserInboundEventTriggered(HTTPConnection.Drain())
        }
    }

    private func remember(_ channel: SocketChannel) {
        let id = ObjectIdentifier(channel)
        connections.withLock { $0[id] = channel }
        channel.closeFuture.whenComplete { _ in
            _ = self.connections.withLock { $0.removeValue(forKey: id) }
        }
    }
}
