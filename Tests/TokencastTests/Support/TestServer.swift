import Logging
import NIOCore
import Server
import ServiceLifecycle
import TestSupport
import Upstream

@testable import Tokencast

/// A running Tokencast on a free port.
struct TestServer: Sendable {
    let port: Int
    /// Asks it to stop and waits until it has.
    let stop: @Sendable () async throws -> Void

    /// A counter's value, by its name with labels.
    func metric(_ name: String) async throws -> Double {
        let response = try await fetch(.get("/metrics"), port: port)
        for line in response.text.split(separator: "\n") where line.hasPrefix(name + " ") {
            if let value = Double(line.dropFirst(name.count + 1)) { return value }
        }
        throw Failure("there is no counter \(name)")
    }
}

extension Configuration {
    /// A quiet configuration for tests, on a free port.
    ///
    /// - Parameters:
    ///   - upstream: where every request goes, unless `change` says otherwise.
    ///   - change: what is to be different.
    static func test(
        _ upstream: TestUpstream? = nil,
        _ change: (inout Configuration) -> Void = { _ in }
    ) -> Configuration {
        var configuration = Configuration()
        configuration.port = 0
        configuration.logLevel = .critical
        configuration.drainSeconds = 0.2
        if let upstream {
            configuration.upstreams = [.init(name: "test", source: .url(upstream.url))]
            configuration.routes = [.init(upstream: "test")]
        }
        change(&configuration)
        return configuration
    }
}

/// Runs the service for one upstream, and stops it behind `body`.
func withServer<R>(to upstream: TestUpstream, _ body: (TestServer) async throws -> R) async throws -> R {
    try await withServer(.test(upstream), body)
}

/// Runs the service as `tokencast serve` does, and stops it behind `body`.
func withServer<R>(_ configuration: Configuration, _ body: (TestServer) async throws -> R) async throws -> R {
    let address = Watched<String?>(nil)
    let service = TokencastService(configuration, logger: silent) { url in address.update { $0 = url } }
    let group = ServiceGroup(services: [service], logger: silent)
    await Slots.shared.enter()
    let run = Task {
        do { try await group.run() } catch { address.update { $0 = "failed: \(error)" } }
        address.update { $0 = $0 ?? "failed" }
    }
    let stop: @Sendable () async -> Void = {
        await group.triggerGracefulShutdown()
        await run.value
    }
    do {
        let url = try await address.wait(for: "the server to listen") { $0 }
        guard let port = url.split(separator: ":").last.flatMap({ Int($0) }) else { throw Failure(url) }
        let result = try await body(TestServer(port: port, stop: stop))
        await stop()
        await Slots.shared.leave()
        return result
    } catch {
        await stop()
        await Slots.shared.leave()
        throw error
    }
}

/// Runs the server with several event loops, whatever the machine has, so that readers and streams are on different
/// ones. Nothing is recorded and no files are written.
func withServer<R>(
    eventLoops: Int,
    to upstream: TestUpstream,
    timeouts: UpstreamTimeouts = .init(),
    with change: (inout ServerConfiguration) -> Void = { _ in },
    _ body: (TestServer) async throws -> R
) async throws -> R {
    guard let url = UpstreamURL(upstream.url) else { throw Failure("no URL: \(upstream.url)") }
    var configuration = ServerConfiguration()
    configuration.port = 0
    configuration.eventLoops = eventLoops
    configuration.drainTimeout = .milliseconds(200)
    configuration.upstreams = [.init(name: "test", kind: .http(url: url), timeouts: timeouts)]
    configuration.routes = [.init(upstream: "test")]
    change(&configuration)
    await Slots.shared.enter()
    let server = try TokencastServer(configuration: configuration, engine: UpstreamEngine(), logger: silent)
    do {
        let address = try await server.start()
        let result = try await body(TestServer(port: address.port ?? 0, stop: { await server.stop() }))
        await server.stop()
        await Slots.shared.leave()
        return result
    } catch {
        await server.stop()
        await Slots.shared.leave()
        throw error
    }
}

let silent = Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }

/// How many servers run at once: more would only slow each other down.
actor Slots {
    static let shared = Slots(count: 6)

    /// Whether this task has the machine for itself, and so needs no slot.
    @TaskLocal static var isAlone = false

    private let count: Int
    private var free: Int
    private var waiting: [(wanted: Int, continuation: CheckedContinuation<Void, Never>)] = []

    init(count: Int) {
        self.count = count
        free = count
    }

    func enter() async { if !Self.isAlone { await take(1) } }

    func leave() { if !Self.isAlone { give(1) } }

    /// Runs `body` while no other server runs.
    nonisolated func alone<R>(_ body: () async throws -> R) async throws -> R {
        await take(count)
        do {
            let result = try await Self.$isAlone.withValue(true) { try await body() }
            await give(count)
            return result
        } catch {
            await give(count)
            throw error
        }
    }

    private func take(_ wanted: Int) async {
        guard free < wanted || !waiting.isEmpty else {
            free -= wanted
            return
        }
        await withCheckedContinuation { waiting.append((wanted, $0)) }
    }

    private func give(_ number: Int) {
        free += number
        while let first = waiting.first, first.wanted <= free {
            free -= first.wanted
            waiting.removeFirst().continuation.resume()
        }
    }
}
