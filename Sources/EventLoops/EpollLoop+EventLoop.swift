package import Dispatch
package import NIOCore

extension EpollLoop: EventLoop {
    package var inEventLoop: Bool { thread.isCurrent }

    package func execute(_ task: @escaping @Sendable () -> Void) { _ = hand(task) }

    package func submit<T>(_ task: @escaping @Sendable () throws -> T) -> EventLoopFuture<T> {
        let promise = makePromise(of: T.self)
        let isTaken = hand { promise.assumeIsolated().completeWith(Result(catching: task)) }
        if !isTaken { promise.fail(EventLoopError.shutdown) }
        return promise.futureResult
    }

    @discardableResult
    package func scheduleTask<T>(
        deadline: NIODeadline,
        _ task: @escaping @Sendable () throws -> T
    ) -> Scheduled<T> {
        let promise = makePromise(of: T.self)
        let holder = ScheduledTimer(loop: self)
        let scheduled = Scheduled(promise: promise) { holder.cancel() }
        let isTaken = holder.start(at: deadline) { isOver in
            promise.assumeIsolated().completeWith(isOver ? .failure(EventLoopError.shutdown) : Result(catching: task))
        }
        if !isTaken { promise.fail(EventLoopError.shutdown) }
        return scheduled
    }

    @discardableResult
    package func scheduleTask<T>(
        in time: TimeAmount,
        _ task: @escaping @Sendable () throws -> T
    ) -> Scheduled<T> {
        scheduleTask(deadline: now + time, task)
    }

    /// A loop ends with its group.
    package func shutdownGracefully(queue: DispatchQueue, _ callback: @Sendable @escaping ((any Error)?) -> Void) {
        queue.async { callback(EventLoopError.unsupportedOperation) }
    }

    package func preconditionInEventLoop(file: StaticString, line: UInt) {
        precondition(inEventLoop, file: file, line: line)
    }

    package func preconditionNotInEventLoop(file: StaticString, line: UInt) {
        precondition(!inEventLoop, file: file, line: line)
    }
}

/// A timer that may be set and taken back from any thread.
///
/// `@unchecked Sendable`: the timer is touched on its loop only.
private final class ScheduledTimer: @unchecked Sendable {
    private let loop: EpollLoop
    private var timer: LoopTimer?
    private var isCancelled = false

    init(loop: EpollLoop) { self.loop = loop }

    /// Returns false where the loop is gone.
    func start(at due: NIODeadline, _ action: @escaping @Sendable (_ isOver: Bool) -> Void) -> Bool {
        guard !loop.inEventLoop else {
            set(due, action)
            return true
        }
        return loop.hand { self.set(due, action) }
    }

    func cancel() {
        if loop.inEventLoop { drop() } else { loop.execute { self.drop() } }
    }

    private func set(_ due: NIODeadline, _ action: @escaping @Sendable (_ isOver: Bool) -> Void) {
        guard !isCancelled else { return }
        // Set while the loop ends, it would wait for ever.
        guard !loop.isOver else { return action(true) }
        timer = loop.at(due, isPromised: true) { [loop] in action(loop.isOver) }
    }

    private func drop() {
        isCancelled = true
        timer?.cancel()
        timer = nil
    }
}
