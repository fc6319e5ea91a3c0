import CCurl
package import EventLoops
import Synchronization

/// The upstream side: libcurl's multi interface, driven by the event loops themselves.
///
/// Each loop has a multi handle of its own, made when the loop first starts a transfer: its sockets are in the loop's epoll, and
/// what arrives is handed on in the same round. Stop it with ``shutdown()``: what still runs ends with reason `shutdown`.
public final class UpstreamEngine: Sendable {
    private struct State {
        /// One per loop, of which there are few.
        var drivers: [CurlDriver] = []
        var isStopped = false
    }

    private let state = Mutex(State())
    private let configuration: UpstreamConfiguration

    /// - Parameter configuration: what holds for every transfer.
    public init(configuration: UpstreamConfiguration = .init()) {
        self.configuration = configuration
        _ = tokencast_global_init()
    }

    /// Starts a transfer; call it on `loop`, where `receiver` will be called, never within this call.
    package func start(
        _ request: UpstreamRequest,
        on loop: EpollLoop,
        receiver: any UpstreamReceiver
    ) -> UpstreamTransfer {
        let driver = driver(of: loop)
        let transfer = UpstreamTransfer(driver: driver, receiver: receiver)
        guard let driver else {
            loop.soon { transfer.fail(UpstreamFailure(.shutdown, "the proxy is shutting down")) }
            return transfer
        }
        driver.start(transfer, request)
        return transfer
    }

    /// Ends every transfer; returns when all receivers have been told. Harmless when called again.
    public func shutdown() {
        let drivers = state.withLock { state in
            state.isStopped = true
            defer { state.drivers = [] }
            return state.drivers
        }
        for driver in drivers { driver.stopAndWait() }
    }

    private func driver(of loop: EpollLoop) -> CurlDriver? {
        state.withLock { state in
            if let driver = state.drivers.first(where: { $0.loop === loop }) { return driver }
            guard !state.isStopped else { return nil }
            let driver = CurlDriver(loop: loop, configuration: configuration)
            state.drivers.append(driver)
            return driver
        }
    }
}

/// What holds for every upstream transfer.
public struct UpstreamConfiguration: Sendable {
    /// Idle connections kept for reuse, on each event loop. Default 512.
    public var maximumIdleConnections: Int = 512

    public init() {}
}
