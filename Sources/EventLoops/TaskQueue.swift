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
    /// Whether there are tasks, to be known without the lock. Changed within it.
    private let hasTasks = Atomic<Bool>(false)
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
            guard !state.isClosed else { return false }
            state.tasks.append(task)
            hasTasks.store(true, ordering: .sequentiallyConsistent)
            return true
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
        guard isLast || hasTasks.load(ordering: .acquiring) else { return [] }
        return state.withLock { state in
            if isLast { state.isClosed = true }
            hasTasks.store(false, ordering: .relaxed)
            return exchange(&state.tasks, with: [])
        }
    }

    /// Says that the loop is about to sleep; false where there is work, and it must not.
    func sleeps() -> Bool {
        isSleeping.store(true, ordering: .sequentiallyConsistent)
        // Looked at after the flag is up: a task that comes in between writes to the descriptor.
        guard hasTasks.load(ordering: .sequentiallyConsistent) else { return true }
        wakes()
        return false
    }

    /// A task that comes before others know of this writes to the descriptor for nothing.
    func wakes() { isSleeping.store(false, ordering: .relaxed) }

    /// Takes what was written to the descriptor.
    func drain() {
        var count: UInt64 = 0
        _ = read(descriptor, &count, 8)
    }
}
