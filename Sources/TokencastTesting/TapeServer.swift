import Logging
import ServiceLifecycle
import Synchronization
public import Tapes
import Tokencast

/// A Tokencast on a loopback port, in this process, that answers the requests of one test from tapes.
///
/// A test with the trait ``Testing/Trait/tape(_:cassette:speed:maxGap:rechunk:faults:upstream:key:verify:filePath:)`` finds
/// its own in ``current``.
public final class TapeServer: Sendable {
    /// The server of the test that runs; nil where it asked for none.
    @TaskLocal public static var current: TapeServer?

    /// `http://127.0.0.1:PORT`, for SDKs that put the version into the path themselves, as Anthropic's.
    public let url: String
    /// The scope that tapes are looked for in and recorded into.
    public let scope: String

    private let service: TokencastService
    private let group: ServiceGroup
    private let running: Task<Void, Never>

    /// `http://127.0.0.1:PORT/v1`, for SDKs that want it in their base URL, as OpenAI's.
    public var baseURL: String { url + "/v1" }

    /// The requests that came, in their order, as a tape would hold them, each with what became of it.
    public var requests: [LoggedRequest] { service.decks.flatMap { $0.requests().kept } }

    /// What a test that is over should look at: requests that no tape answered or that couldn't be recorded, and tapes
    /// that nobody asked for.
    ///
    /// - Returns: a sentence each; empty where all is as it was recorded.
    public func verify() -> [String] {
        unexpected() + verifications.flatMap(\.unused).map { "the tape \($0) was never asked for" }
    }

    /// The requests that no tape answered or that couldn't be recorded, a sentence each.
    func unexpected() -> [String] {
        let unrecorded = requests.compactMap { request -> String? in
            guard case .unrecorded(let reason) = request.outcome else { return nil }
            return "\(request.request.method) \(request.request.path) wasn't recorded: \(reason)"
        }
        return verifications.flatMap(\.unexpected).map(\.report.message) + unrecorded
    }

    private var verifications: [TapeVerification] { service.decks.map { $0.verify(scope: TapeScope(scope)) } }

    private init(
        _ service: TokencastService,
        _ group: ServiceGroup,
        _ running: Task<Void, Never>,
        url: String,
        scope: String
    ) {
        self.service = service
        self.group = group
        self.running = running
        self.url = url
        self.scope = scope
    }

    /// Starts one; ``stop()`` it when the test is over.
    ///
    /// - Throws: ``TapeServerError``, or a configuration's or a cassette's error.
    static func start(_ settings: TapeSettings, environment: [String: String]) async throws -> TapeServer {
        let configuration = try settings.configuration(environment: environment)
        let (addresses, address) = AsyncThrowingStream.makeStream(of: String.self)
        // Nothing of a test's output is ours; what went wrong is thrown, or is an issue of the test.
        let logger = Logger(label: "tokencast") { _ in SwiftLogNoOpLogHandler() }
        let service = TokencastService(configuration, logger: logger) { address.yield($0) }
        let group = ServiceGroup(services: [service], logger: logger)
        let running = Task {
            do {
                try await group.run()
                address.finish()
            } catch {
                address.finish(throwing: error)
            }
        }
        for try await url in addresses {
            return TapeServer(service, group, running, url: url, scope: settings.name)
        }
        // It failed, or the test was cancelled meanwhile: nothing of it may go on.
        await group.triggerGracefulShutdown()
        await running.value
        throw TapeServerError("the server ended before it listened")
    }

    /// Stops it, and waits until what was recorded is on the disk.
    func stop() async {
        await group.triggerGracefulShutdown()
        await running.value
    }
}
