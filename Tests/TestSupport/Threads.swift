import Glibc

/// Starts a thread for work that blocks, which the threads of tasks must not do.
package func detachThread(_ body: @escaping @Sendable () -> Void) {
    final class Work: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    let work = Unmanaged.passRetained(Work(body))
    let entry: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { context in
        if let context { Unmanaged<Work>.fromOpaque(context).takeRetainedValue().body() }
        return nil
    }
    var thread = pthread_t()
    precondition(pthread_create(&thread, nil, entry, work.toOpaque()) == 0, "no thread is left")
    pthread_detach(thread)
}

/// Where a test's own thread waits until the test lets it go on: counts how often it was opened.
///
/// `@unchecked Sendable`: POSIX semaphores are made to be shared.
package final class Gate: @unchecked Sendable {
    private let semaphore: UnsafeMutablePointer<sem_t>

    package init() {
        semaphore = .allocate(capacity: 1)
        sem_init(semaphore, 0, 0)
    }

    deinit {
        sem_destroy(semaphore)
        semaphore.deallocate()
    }

    package func open(_ times: Int = 1) {
        for _ in 0..<times { sem_post(semaphore) }
    }

    /// Waits for one opening; throws after a minute, so that nothing outlives its test for long.
    package func pass() throws {
        var deadline = timespec()
        clock_gettime(CLOCK_REALTIME, &deadline)
        deadline.tv_sec += 60
        while sem_timedwait(semaphore, &deadline) != 0 {
            guard errno == EINTR else { throw Failure("the gate was never opened") }
        }
    }
}
