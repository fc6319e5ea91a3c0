import CLinux
import Glibc
import Synchronization

/// Work for a loop from other threads, and the means to wake it.
final class TaskQueue: Sendable {
    typealias Task = @Sendable () -> Void

    private struct State {
        var tasks: [Task] = []
        /// Whether the loop has taken its last.
        var isClosed = false
    }

    private let state = Mutex(State())
    /// True while the loop waits for its sockets or is about to: only then does a task need the eventfd.
    private let isSleeping = Atomic<Bool>(false)
    /// Becomes readable when there is work for a loop that sleeps.
    let descriptor: CInt

    /// Takes over `descriptor`, an eventfd.
    init(descriptor: CInt) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// Adds a task; false where the loop is gone.
    func add(_ task: @escaping Task) -> Bool {
        let isTaken = state.withLock { state in
            if !state.isClosed { state.tasks.append(task) }
            return !state.isClosed
        }
        guard isTaken, isSleeping.exchange(false, ordering: .sequentiallyConsistent) else { return isTaken }
        var one: UInt64 = 1
        _ = write(descriptor, &one, 8)
        return true
    }

    /// What has gathered, in order.
    ///
    /// - Parameter isLast: whether the loop takes no more after this.
    func take(isLast: Bool = false) -> [Task] {
        state.withLock { state in
            if isLast { state.isClosed = true }
            guard !state.tasks.isEmpty else { return [] }
            defer { state.tasks = [] }
            return state.tasks
        }
    }

    /// Says that the loop is about to sleep; false where there is work, and it must not.
    func sleeps() -> Bool {
        isSleeping.store(true, ordering: .sequentiallyConsistent)
        // Looked at after the flag is up: a task that comes in between writes to the descriptor.
        guard state.withLock({ $0.tasks.isEmpty }) else {
            isSleeping.store(false, ordering: .sequentiallyConsistent)
            return false
        }
        return true
    }

    func wakes() { isSleeping.store(false, ordering: .sequentiallyConsistent) }

    /// Takes what was written to the descriptor.
    func drain() {
        var count: UInt64 = 0
        _ = read(descriptor, &count, 8)
    }
}
