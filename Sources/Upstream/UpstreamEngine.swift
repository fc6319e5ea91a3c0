import CEpoll
import Glibc
public import NIOCore
import Synchronization

/// The upstream side: libcurl's multi interface on a thread of its own, event driven through epoll.
///
/// Transfers are started from an event loop; what arrives is handed to that loop in one `execute` per round.
/// Stop it with ``shutdown()``: what still runs ends with reason `shutdown`.
public final class UpstreamEngine: Sendable {
    enum Command: Sendable {
        case start(UpstreamTransfer, UpstreamRequest)
        case cancel(UInt64)
        case pause(UInt64)
        case resume(UInt64)
        /// The event loop has caught up with what it was handed.
        case release(UInt64)
        case body(UInt64, ByteBuffer?)
        case stop
    }

    private struct Queue {
        var commands: [Command] = []
        /// Whether the thread has taken its last.
        var isClosed = false
    }

    private let queue = Mutex(Queue())
    /// True while the thread is in `epoll_wait` or about to be: only then does a command need the eventfd.
    let isSleeping = Atomic<Bool>(false)
    private let isStopped = Atomic<Bool>(false)
    private let nextID = Atomic<UInt64>(1)
    private let wakeUp: CInt
    private let thread: pthread_t

    /// - Parameter configuration: what holds for every transfer.
    /// - Throws: ``UpstreamEngineError`` where the system refuses a file descriptor or a thread.
    public init(configuration: UpstreamConfiguration = .init()) throws(UpstreamEngineError) {
        let epoll = epoll_create1(CInt(EPOLL_CLOEXEC))
        guard epoll >= 0 else { throw UpstreamEngineError(call: "epoll_create1", code: errno) }
        let wakeUp = eventfd(0, CInt(EFD_CLOEXEC | EFD_NONBLOCK))
        guard wakeUp >= 0 else {
            let code = errno
            close(epoll)
            throw UpstreamEngineError(call: "eventfd", code: code)
        }
        self.wakeUp = wakeUp
        let start = ThreadStart(epoll: epoll, wakeUp: wakeUp, configuration: configuration)
        var thread = pthread_t()
        let code = pthread_create(&thread, nil, curlThread, Unmanaged.passRetained(start).toOpaque())
        guard code == 0 else {
            close(epoll)
            close(wakeUp)
            throw UpstreamEngineError(call: "pthread_create", code: code)
        }
        self.thread = thread
        start.engine.withLock { $0 = self }
        start.isReady.signal()
    }

    /// Starts a transfer; call it on `eventLoop`, where `receiver` will be called.
    public func start(
        _ request: UpstreamRequest,
        on eventLoop: any EventLoop,
        receiver: any UpstreamReceiver
    ) -> UpstreamTransfer {
        let id = nextID.wrappingAdd(1, ordering: .relaxed).oldValue
        let transfer = UpstreamTransfer(id: id, engine: self, eventLoop: eventLoop, receiver: receiver)
        if !submit(.start(transfer, request)) {
            eventLoop.execute { transfer.fail(UpstreamFailure(.shutdown, "the proxy is shutting down")) }
        }
        return transfer
    }

    /// Ends every transfer and the thread; returns when it is gone. Harmless when called again.
    public func shutdown() {
        guard !isStopped.exchange(true, ordering: .acquiringAndReleasing) else { return }
        submit(.stop)
        pthread_join(thread, nil)
        close(wakeUp)
    }

    /// Has the thread obey; false where it is gone.
    @discardableResult
    func submit(_ command: Command) -> Bool {
        let isTaken = queue.withLock { queue in
            if !queue.isClosed { queue.commands.append(command) }
            return !queue.isClosed
        }
        if isTaken, isSleeping.exchange(false, ordering: .acquiringAndReleasing) {
            var one: UInt64 = 1
            _ = write(wakeUp, &one, 8)
        }
        return isTaken
    }

    /// - Parameter isLast: whether the thread ends and takes no more.
    func takeCommands(isLast: Bool = false) -> [Command] {
        queue.withLock { queue in
            if isLast { queue.isClosed = true }
            guard !queue.commands.isEmpty else { return [] }
            defer { queue.commands = [] }
            return queue.commands
        }
    }

    var hasCommands: Bool { queue.withLock { !$0.commands.isEmpty } }
}

/// What holds for every upstream transfer.
public struct UpstreamConfiguration: Sendable {
    /// Idle connections kept for reuse. Default 512.
    public var maximumIdleConnections: Int = 512

    public init() {}
}

/// The engine could not be started.
public struct UpstreamEngineError: Error, Sendable, CustomStringConvertible {
    /// The call that failed.
    public let call: String
    /// Its `errno`.
    public let code: CInt

    public var description: String { "\(call) failed: \(String(cString: strerror(code)))" }
}

/// What the new thread needs; it waits until the engine has put itself in.
private final class ThreadStart: Sendable {
    let epoll: CInt
    let wakeUp: CInt
    let configuration: UpstreamConfiguration
    let engine = Mutex<UpstreamEngine?>(nil)
    let isReady = Semaphore()

    init(epoll: CInt, wakeUp: CInt, configuration: UpstreamConfiguration) {
        self.epoll = epoll
        self.wakeUp = wakeUp
        self.configuration = configuration
    }
}

/// `@unchecked Sendable`: POSIX semaphores are made to be shared between threads.
private final class Semaphore: @unchecked Sendable {
    private let semaphore: UnsafeMutablePointer<sem_t>

    init() {
        semaphore = .allocate(capacity: 1)
        sem_init(semaphore, 0, 0)
    }

    deinit {
        sem_destroy(semaphore)
        semaphore.deallocate()
    }

    func signal() { sem_post(semaphore) }
    func wait() { while sem_wait(semaphore) != 0 {} }
}

private func curlThread(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument else { return nil }
    let start = Unmanaged<ThreadStart>.fromOpaque(argument).takeRetainedValue()
    start.isReady.wait()
    guard let engine = start.engine.withLock({ $0.take() }) else { return nil }
    _ = tokencast_name_thread("curl")
    _ = tokencast_set_timer_slack(1000)
    let loop = CurlLoop(engine: engine, epoll: start.epoll, wakeUp: start.wakeUp, configuration: start.configuration)
    loop.run()
    return nil
}
