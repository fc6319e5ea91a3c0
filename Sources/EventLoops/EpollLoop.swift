import CLinux
import Glibc
package import NIOCore

/// An event loop: one thread that waits for sockets, upstream transfers, timers and tasks, all in one `epoll_wait`.
///
/// It is NIO's `EventLoop` by protocol, so that futures, buffers and pipelines work on it. NIO's own loop can't watch a
/// descriptor that isn't a channel of its own, and libcurl's sockets are not: here both share a thread, and a token goes
/// from one socket to the other without waking anybody.
///
/// A round is: what the sockets have; timers; what the ``RoundMember``s gathered; tasks until there are none. Then it sleeps.
///
/// `@unchecked Sendable`: the queue is made to be shared; all else is used on the loop's thread only.
package final class EpollLoop: @unchecked Sendable {
    private struct Registration {
        var watcher: (any Watcher)?
        /// Tells the descriptor from one that had its number before, within one wait's events.
        var generation: UInt32 = 0
    }

    let queue: TaskQueue
    let thread: LoopThread
    private let epoll: CInt
    // What every token looks at isn't checked for overlapping access at run time: nothing is called while one of these changes.
    @exclusivity(unchecked) private var registrations: [Registration] = []
    @exclusivity(unchecked) private var tasks: [() -> Void] = []
    private var running: [() -> Void] = []
    @exclusivity(unchecked) private var timers = TimerHeap()
    @exclusivity(unchecked) private var members: [any RoundMember] = []
    /// What the clock said behind the last events.
    private var lookedAt: UInt64 = 0
    private var isStopping = false
    private(set) var isOver = false
    /// What is written in a turn.
    package let buffers = LoopBuffers()
    /// What a socket's bytes are read into before they get a buffer of their own size.
    package let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)

    /// - Throws: where the system refuses a descriptor.
    init(thread: LoopThread) throws(LoopFailure) {
        self.thread = thread
        epoll = epoll_create1(CInt(EPOLL_CLOEXEC))
        guard epoll >= 0 else { throw LoopFailure(call: "epoll_create1", code: errno) }
        let descriptor = eventfd(0, CInt(EFD_CLOEXEC | EFD_NONBLOCK))
        guard descriptor >= 0 else {
            let code = errno
            Glibc.close(epoll)
            throw LoopFailure(call: "eventfd", code: code)
        }
        queue = TaskQueue(descriptor: descriptor)
        control(EPOLL_CTL_ADD, descriptor, .read, key: Self.wakeUpKey)
    }

    deinit {
        Glibc.close(epoll)
        scratch.deallocate()
    }

    private static let wakeUpKey = UInt64.max

    // MARK: Descriptors

    /// Tells `watcher` of a descriptor's events from now on.
    package func watch(_ descriptor: CInt, _ mask: Readiness, by watcher: any Watcher) {
        let index = Int(descriptor)
        while registrations.count <= index { registrations.append(Registration()) }
        registrations[index].watcher = watcher
        registrations[index].generation &+= 1
        let key = key(descriptor)
        if control(EPOLL_CTL_ADD, descriptor, mask, key: key) != 0 {
            control(EPOLL_CTL_MOD, descriptor, mask, key: key)
        }
    }

    /// Changes what is told of a descriptor that is watched.
    package func rewatch(_ descriptor: CInt, _ mask: Readiness) {
        control(EPOLL_CTL_MOD, descriptor, mask, key: key(descriptor))
    }

    /// Ends the watch; to be called before the descriptor is closed.
    package func unwatch(_ descriptor: CInt) {
        guard registrations.indices.contains(Int(descriptor)) else { return }
        registrations[Int(descriptor)].watcher = nil
        control(EPOLL_CTL_DEL, descriptor, [], key: 0)
    }

    private func key(_ descriptor: CInt) -> UInt64 {
        UInt64(registrations[Int(descriptor)].generation) << 32 | UInt64(UInt32(bitPattern: descriptor))
    }

    @discardableResult
    private func control(_ operation: CInt, _ descriptor: CInt, _ mask: Readiness, key: UInt64) -> CInt {
        tokencast_epoll_control(epoll, operation, descriptor, mask.rawValue, key)
    }

    // MARK: Work

    /// Asks `member` in each round from now on.
    package func join(_ member: any RoundMember) { members.append(member) }

    package func leave(_ member: any RoundMember) { members.removeAll { $0 === member } }

    /// Has `action` done after what is at hand; on the loop only.
    package func soon(_ action: @escaping () -> Void) { tasks.append(action) }

    /// Has `task` done after what is at hand, from whatever thread; false where the loop is gone. One that is taken is done even
    /// if the loop ends.
    package func hand(_ task: @escaping @Sendable () -> Void) -> Bool {
        guard inEventLoop else { return queue.add(task) }
        soon(task)
        return true
    }

    /// Has `action` done after some time; on the loop only.
    package func after(_ time: TimeAmount, _ action: @escaping () -> Void) -> LoopTimer { at(now + time, action) }

    func at(_ due: NIODeadline, isPromised: Bool = false, _ action: @escaping () -> Void) -> LoopTimer {
        let timer = LoopTimer(due, on: self, isPromised: isPromised, action)
        timers.insert(timer)
        return timer
    }

    func remove(_ timer: LoopTimer) { timers.remove(timer) }

    /// Ends the loop once what is at hand is done.
    func stop() { isStopping = true }

    // MARK: The rounds

    func run() {
        let events = UnsafeMutableBufferPointer<epoll_event>.allocate(capacity: 512)
        defer { events.deallocate() }
        lookedAt = NIODeadline.now().uptimeNanoseconds
        work()
        while !isStopping {
            let wait = queue.sleeps() ? waitNanoseconds() : 0
            let ready = Int(tokencast_epoll_wait(epoll, events.baseAddress, 512, wait))
            queue.wakes()
            for index in 0..<max(0, ready) { handle(&events[index]) }
            lookedAt = NIODeadline.now().uptimeNanoseconds
            fireTimers()
            work()
        }
        end()
    }

    /// Tasks, and what members gathered, until there is nothing; not without end, so that sockets have their turn.
    private func work() {
        var now = lookedAt
        for _ in 0..<64 {
            for member in members where member.isPending || member.deadline <= now { member.round(at: now) }
            let others = queue.take()
            for task in others { task() }
            runTasks()
            if others.isEmpty, tasks.isEmpty, !hasPendingMember { return }
            now = NIODeadline.now().uptimeNanoseconds
        }
    }

    private var hasPendingMember: Bool {
        for member in members where member.isPending { return true }
        return false
    }

    private func runTasks() {
        guard !tasks.isEmpty else { return }
        swap(&tasks, &running)
        for task in running { task() }
        running.removeAll(keepingCapacity: true)
    }

    private func handle(_ event: inout epoll_event) {
        let key = tokencast_event_key(&event)
        guard key != Self.wakeUpKey else { return queue.drain() }
        let descriptor = CInt(bitPattern: UInt32(truncatingIfNeeded: key))
        let registration = registrations[Int(descriptor)]
        guard registration.generation == UInt32(truncatingIfNeeded: key >> 32) else { return }
        registration.watcher?.ready(descriptor, Readiness(rawValue: event.events))
    }

    private func fireTimers() {
        let now = NIODeadline.uptimeNanoseconds(lookedAt)
        while timers.due <= now, let next = timers.next {
            timers.remove(next)
            next.fire()
        }
    }

    /// How long nothing has to be done of its own accord; negative where there is no such time.
    private func waitNanoseconds() -> Int64 {
        guard tasks.isEmpty else { return 0 }
        var next = timers.due.uptimeNanoseconds
        for member in members {
            if member.isPending { return 0 }
            next = min(next, member.deadline)
        }
        // The distant future, and `.max`.
        guard next < UInt64(Int64.max) else { return -1 }
        // What is far off may be late by what the last round took; for what is near the clock is asked.
        var now = lookedAt
        if next < now + Self.nearNanoseconds { now = NIODeadline.now().uptimeNanoseconds }
        return next > now ? Int64(min(next - now, 60_000_000_000)) : 0
    }

    private static let nearNanoseconds: UInt64 = 100_000_000

    /// Everything that is open is closed, and every task that was taken is done.
    private func end() {
        for member in members { member.loopStops() }
        members = []
        closeAll()
        work()
        for task in queue.take(isLast: true) { task() }
        runLastTasks()
        isOver = true
        while let timer = timers.next {
            timers.remove(timer)
            // Somebody may wait for it.
            if timer.isPromised { timer.fire() } else { timer.cancel() }
        }
        runLastTasks()
        // What the last tasks opened.
        closeAll()
        runLastTasks()
    }

    private func closeAll() {
        for registration in registrations { registration.watcher?.loopStops() }
    }

    /// Tasks and those that they bring about; not without end, for one may bring itself about.
    private func runLastTasks() {
        for _ in 0..<1000 where !tasks.isEmpty { runTasks() }
    }
}
