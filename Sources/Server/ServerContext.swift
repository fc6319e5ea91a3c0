import Broadcast
import Logging
import NIOCore
import Synchronization
import Upstream

/// What every connection of one server shares.
final class ServerContext: Sendable {
    let configuration: ServerConfiguration
    let policy: RequestPolicy
    let hub: Hub
    let engine: UpstreamEngine
    let logger: Logger
    let seenSecrets: SeenSecrets
    let modelLists = ModelListCache()
    let subscribers: SubscriberCount
    /// Looks for stalled sockets.
    let sweeps: PerLoop<Sweep>
    /// Looks for WebSockets that are due for a ping.
    let pings = PerLoop { Sweep($0, every: .seconds(1)) }
    /// Nil where nobody wants streams beside their readers.
    let sinks: (any SinkFactory)?
    private let draining = Atomic<Bool>(false)
    private let address: Mutex<PublicAddress>
    private let exchanges = Atomic<Int>(0)
    private let stops = Mutex<(next: Int, actions: [Int: @Sendable () -> Void])>((0, [:]))

    init(
        configuration: ServerConfiguration,
        hub: Hub,
        engine: UpstreamEngine,
        logger: Logger,
        sinks: (any SinkFactory)?
    ) {
        self.configuration = configuration
        policy = RequestPolicy(configuration)
        self.hub = hub
        self.engine = engine
        self.logger = logger
        seenSecrets = SeenSecrets(
            configuration.upstreams.flatMap { upstream -> [String] in
                if case .http(_, let authentication) = upstream.kind { authentication.secrets } else { [] }
            }
        )
        self.sinks = sinks
        address = Mutex(PublicAddress(configuration, port: configuration.port))
        subscribers = SubscriberCount(limit: configuration.limits.subscribers)
        let pause = max(.milliseconds(10), TimeAmount.nanoseconds(configuration.stallTimeout.nanoseconds / 6))
        sweeps = PerLoop { Sweep($0, every: pause) }
    }

    var counters: Counters { hub.counters }
    var router: Router { Router(server: self) }

    /// Where others reach the server, without a slash at its end.
    var publicURL: String { address.withLock { $0.url } }

    /// The server listens, on a port that may have been picked.
    func listens(onPort port: Int) { address.withLock { $0 = PublicAddress(configuration, port: port) } }

    /// Whether the server is about to stop: it takes nothing new, what runs may end.
    var isDraining: Bool {
        get { draining.load(ordering: .relaxed) }
        set { draining.store(newValue, ordering: .relaxed) }
    }

    /// Exchanges with upstreams and tapes that run now.
    var runningExchanges: Int { exchanges.load(ordering: .relaxed) }
    func exchangeBegan() { exchanges.wrappingAdd(1, ordering: .relaxed) }
    func exchangeEnded() { exchanges.wrappingSubtract(1, ordering: .relaxed) }

    /// Has `action` called when what still runs must end; ``forget(_:)`` it once it can't be.
    func onStop(_ action: @escaping @Sendable () -> Void) -> Int {
        stops.withLock { stops in
            stops.next += 1
            stops.actions[stops.next] = action
            return stops.next
        }
    }

    func forget(_ ticket: Int) { stops.withLock { _ = $0.actions.removeValue(forKey: ticket) } }

    /// Ends what runs without the engine.
    func stopRest() {
        for action in stops.withLock({ Array($0.actions.values) }) { action() }
    }
}
