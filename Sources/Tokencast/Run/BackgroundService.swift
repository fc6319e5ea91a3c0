import Logging
import ServiceLifecycle
import Synchronization
public import Tapes

/// A Tokencast that runs beside what a program does, until it is stopped.
public final class BackgroundService: Sendable {
    /// Where it listens.
    public let url: String
    private let service: TokencastService
    private let group: ServiceGroup
    private let run: Task<Void, any Error>

    /// Starts it, and waits until it takes requests.
    ///
    /// - Throws: ``ConfigurationError`` or ``ListenError``.
    public init(_ configuration: Configuration) async throws {
        let (addresses, listening) = AsyncStream<String>.makeStream()
        let service = TokencastService(configuration) { listening.yield($0) }
        let group = ServiceGroup(
            services: [service],
            logger: Logger(label: "tokencast") { _ in SwiftLogNoOpLogHandler() }
        )
        let run = Task {
            defer { listening.finish() }
            try await group.run()
        }
        var first: String?
        for await address in addresses {
            first = address
            break
        }
        guard let first else {
            // It failed, or this task was cancelled meanwhile: nothing of it may go on.
            await group.triggerGracefulShutdown()
            try await run.value
            throw ConfigurationError("the server ended before it began")
        }
        url = first
        self.service = service
        self.group = group
        self.run = run
    }

    /// Stops it as `tokencast serve` stops: what runs may end, what is recorded is written.
    public func stop() async {
        await group.triggerGracefulShutdown()
        _ = await run.result
    }

    /// Whether what was asked is what was recorded; nil where no cassette is played or recorded.
    ///
    /// - Parameter scope: whose unused tapes are looked for; nil for all. What was unexpected counts wherever it was.
    public func verify(scope: TapeScope?) -> TapeVerification? {
        var all: TapeVerification?
        for deck in service.decks {
            var found = deck.verify()
            if let scope { found.unused = deck.verify(scope: scope).unused }
            guard let before = all else {
                all = found
                continue
            }
            found.unexpected = before.unexpected + found.unexpected
            found.unexpectedCount += before.unexpectedCount
            found.unused = before.unused + found.unused
            all = found
        }
        return all
    }
}
