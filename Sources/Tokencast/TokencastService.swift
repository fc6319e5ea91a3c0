import Broadcast
public import Logging
import NIOCore
import Server
public import ServiceLifecycle
import Synchronization
public import Tapes
import Upstream

#if canImport(Glibc)
import Glibc
#endif

/// The version that `--version`, tapes and the `Server`-side pages give.
public let tokencastVersion = "0.1.0"

/// Tokencast as a service: runs until it is asked to stop, then lets what runs end.
public final class TokencastService: Service {
    private let configuration: Configuration
    private let logger: Logger
    private let onListening: @Sendable (String) -> Void
    private let loaded = Mutex<[TapeDeck]>([])

    /// The cassettes that are played and recorded, each once, from when the service listens on.
    public var decks: [TapeDeck] {
        var seen: Set<ObjectIdentifier> = []
        return loaded.withLock { $0 }.filter { seen.insert(ObjectIdentifier($0)).inserted }
    }

    /// - Parameters:
    ///   - configuration: what to do.
    ///   - logger: where to say what happens; its level is taken from the configuration.
    ///   - onListening: called once with the base URL when requests are taken.
    public init(
        _ configuration: Configuration,
        logger: Logger = Logger(label: "tokencast"),
        onListening: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.configuration = configuration
        var logger = logger
        logger.logLevel = configuration.logLevel
        self.logger = logger
        self.onListening = onListening
    }

    /// Serves until graceful shutdown is asked for.
    ///
    /// - Throws: ``ConfigurationError`` where the configuration can't be served, ``ListenError`` where the address
    ///   can't be listened on.
    public func run() async throws {
        raiseFileLimit()
        let counters = Counters()
        let recorders = Recorders(counters, logger, requestBody: configuration.tapes.requestBody)
        let server = try configuration.serverConfiguration { recorders.recorder(into: $0) }
        loaded.withLock { $0 = server.decks.map(\.deck) }
        for notice in configuration.notes { logger.notice("\(notice)") }
        for problem in decks.flatMap(\.problems) { logger.warning("\(problem): it is recorded anew") }
        let tees = Tees(configuration.tee) { [logger] problem in
            counters.teeFailures.add()
            if let problem { logger.error("\(problem)") }
        }
        let engine = UpstreamEngine()
        let listening = try TokencastServer(
            configuration: server,
            engine: engine,
            counters: counters,
            logger: logger,
            sinks: tees
        )
        let address: SocketAddress
        do {
            address = try await listening.start()
        } catch {
            await listening.stop()
            throw ListenError(host: configuration.host, port: configuration.port, reason: "\(error)")
        }
        let host = configuration.host.contains(":") ? "[\(configuration.host)]" : configuration.host
        onListening("http://\(host):\(address.port ?? configuration.port)")
        // Waits for the end: of the task, or of the service group.
        try? await gracefulShutdown()
        logger.info("stopping")
        // In a task of its own: where this one is cancelled, its waits would return at once.
        await Task { await listening.stop() }.value
        if let tees, await !tees.flush(within: .seconds(10)) {
            logger.error("what a tee writes to was too slow: some streams may lack their end there")
        }
        if let queue = recorders.queue, await !queue.shutdown(within: .seconds(10)) {
            logger.error("the disk was too slow: some tapes may have no end")
        }
    }

    /// Every stream takes two descriptors; the soft limit is often far below what the system allows.
    private func raiseFileLimit() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}

/// The address can't be listened on.
public struct ListenError: Error, Sendable, CustomStringConvertible {
    public let host: String
    public let port: Int
    public let reason: String

    public var description: String { "can't listen on \(host):\(port): \(reason)" }
}
