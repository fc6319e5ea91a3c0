public import Broadcast
public import Logging
public import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization
public import Upstream

/// The listening server: takes connections, and lets what runs end before it stops.
public final class TokencastServer: Sendable {
    public let hub: Hub
    private let context: ServerContext
    private let group: MultiThreadedEventLoopGroup
    private let listener = Mutex<(any Channel)?>(nil)
    private let connections = Mutex<[ObjectIdentifier: any Channel]>([:])
    private let logger: Logger

    /// - Parameters:
    ///   - sinks: makes what takes streams beside their readers; nil for nothing.
    public init(
        configuration: ServerConfiguration,
        engine: UpstreamEngine,
        counters: Counters = .init(),
        logger: Logger,
        sinks: (any SinkFactory)? = nil
    ) {
        let count = configuration.eventLoops ?? max(1, System.coreCount - 1)
        group = MultiThreadedEventLoopGroup(numberOfThreads: count)
        hub = Hub(
            eventLoops: Array(group.makeIterator()),
            retention: configuration.retention,
            publishing: PublishLimits(
                rate: configuration.limits.publishRate,
                burst: configuration.limits.publishBurst
            ),
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
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 4096)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.maxMessagesPerRead, value: 64)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.writeBufferWaterMark, value: .init(low: 16 << 10, high: 48 << 10))
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    self.remember(channel)
                    let decoder = ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes))
                    try channel.pipeline.syncOperations.addHandlers([decoder, HTTPConnection(server: self.context)])
                }
            }
        let configuration = context.configuration
        let channel = try await bootstrap.bind(host: configuration.host, port: configuration.port).get()
        listener.withLock { $0 = channel }
        guard let address = channel.localAddress else { throw ChannelError.unknownLocalAddress }
        let hub = self.hub
        let silence = configuration.heartbeat
        let pause = TimeAmount.nanoseconds(max(10_000_000, min(5_000_000_000, silence.nanoseconds / 3)))
        group.next().scheduleRepeatedTask(initialDelay: pause, delay: pause) { _ in hub.tidy(heartbeatAfter: silence) }
        return address
    }

    /// Stops: no new connections, running streams end within the drain time-out, then subscribers are let go.
    public func stop() async {
        context.isDraining = true
        let channel = listener.withLock { $0.take() }
        try? await channel?.close()
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
        for connection in connections.withLock({ Array($0.values) }) { connection.close(promise: nil) }
        try? await group.shutdownGracefully()
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

    private func remember(_ channel: any Channel) {
        let id = ObjectIdentifier(channel)
        connections.withLock { $0[id] = channel }
        channel.closeFuture.whenComplete { _ in
            _ = self.connections.withLock { $0.removeValue(forKey: id) }
        }
    }
}
