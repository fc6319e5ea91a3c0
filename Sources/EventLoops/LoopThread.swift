import CLinux
import Glibc

/// A POSIX thread that runs one loop.
///
/// `@unchecked Sendable`: written by the one who starts it and by the thread's own first step, before anybody else knows of it.
final class LoopThread: @unchecked Sendable {
    private var thread = pthread_t()

    /// Whether it is the one that asks.
    var isCurrent: Bool { pthread_equal(pthread_self(), thread) != 0 }

    /// Starts it; returns when it runs.
    ///
    /// - Throws: where the system refuses a thread.
    func start(named name: String, _ body: @escaping @Sendable () -> Void) throws(LoopFailure) {
        let ready = Signal()
        let start = Start {
            self.thread = pthread_self()
            _ = tokencast_name_thread(name)
            // Paced replays and heartbeats are due at their time, not within the 50 µs that Linux allows itself.
            _ = tokencast_set_timer_slack(1000)
            ready.send()
            body()
        }
        var thread = pthread_t()
        let code = pthread_create(&thread, nil, runThread, Unmanaged.passRetained(start).toOpaque())
        guard code == 0 else { throw LoopFailure(call: "pthread_create", code: code) }
        ready.wait()
    }

    /// Waits for its end; to be called once.
    func join() { pthread_join(thread, nil) }

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

/// One thread tells another something once.
///
/// `@unchecked Sendable`: POSIX semaphores are made to be shared between threads.
package final class Signal: @unchecked Sendable {
    private let semaphore: UnsafeMutablePointer<sem_t>

    package init() {
        semaphore = .allocate(capacity: 1)
        sem_init(semaphore, 0, 0)
    }

    deinit {
        sem_destroy(semaphore)
        semaphore.deallocate()
    }

    package func send() { sem_post(semaphore) }
    package func wait() { while sem_wait(semaphore) != 0 {} }
}

/// A loop could not be started, or a socket not be opened.
package struct LoopFailure: Error, Sendable, CustomStringConvertible {
    /// The call that failed.
    package let call: String
    /// Its `errno`.
    package let code: CInt

    package var description: String { "\(call) failed: \(String(cString: strerror(code)))" }
}
