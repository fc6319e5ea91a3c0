import CLinux
import Glibc
import Synchronization

/// A POSIX thread that runs one loop.
///
/// `@unchecked Sendable`: the handle is written by the one who starts it, before anybody else knows of it.
final class LoopThread: @unchecked Sendable {
    private var handle = pthread_t()
    /// The thread as it knows itself; 0, which is no thread, before it runs and once it has.
    private let runner = Atomic<pthread_t>(0)

    /// Whether it is the one that asks.
    var isCurrent: Bool { runner.load(ordering: .relaxed) == pthread_self() }

    /// Starts it.
    ///
    /// - Throws: where the system refuses a thread.
    func start(named name: String, _ body: @escaping @Sendable () -> Void) throws(LoopFailure) {
        let start = Start {
            self.runner.store(pthread_self(), ordering: .relaxed)
            _ = tokencast_name_thread(name)
            // Paced replays and heartbeats are due at their time, not within the 50 µs that Linux allows itself.
            _ = tokencast_set_timer_slack(1000)
            // OpenSSL, which libcurl writes through, asks for no MSG_NOSIGNAL: a peer that is gone must not end the program.
            var broken = sigset_t()
            sigemptyset(&broken)
            sigaddset(&broken, SIGPIPE)
            pthread_sigmask(SIG_BLOCK, &broken, nil)
            body()
            // The system gives its name to another thread.
            self.runner.store(0, ordering: .relaxed)
        }
        let work = Unmanaged.passRetained(start)
        let code = pthread_create(&handle, nil, runThread, work.toOpaque())
        guard code == 0 else {
            work.release()
            throw LoopFailure(call: "pthread_create", code: code)
        }
    }

    /// Waits for its end; to be called once.
    func join() { pthread_join(handle, nil) }

    fileprivate final class Start: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
}

private func runThread(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument else { return nil }
    Unmanaged<LoopThread.Start>.fromOpaque(argument).takeRetainedValue().body()
    return nil
}

/// A loop could not be started, or a socket not be opened.
package struct LoopFailure: Error, Sendable, CustomStringConvertible {
    /// The call that failed.
    package let call: String
    /// Its `errno`.
    package let code: CInt

    package var description: String { "\(call) failed: \(String(cString: strerror(code)))" }
}
