import Synchronization

/// Loops, each on a thread of its own.
package final class EpollLoopGroup: Sendable {
    package let loops: [EpollLoop]
    private let turn = Atomic<Int>(0)
    private let isStopped = Atomic<Bool>(false)

    /// Starts `count` loops, at least one.
    ///
    /// - Throws: where the system refuses a thread or a descriptor.
    package init(count: Int) throws(LoopFailure) {
        var loops: [EpollLoop] = []
        do throws(LoopFailure) {
            for index in 0..<max(1, count) {
                let thread = LoopThread()
                let loop = try EpollLoop(thread: thread)
                try thread.start(named: "loop-\(index)") { loop.run() }
                loops.append(loop)
            }
        } catch {
            Self.end(loops)
            throw error
        }
        self.loops = loops
    }

    /// The loop of what is no server's: clients, and tests. It is started when it is first asked for, and never ends.
    package static func shared() throws(LoopFailure) -> EpollLoop { try sharedGroup.get().loops[0] }

    private static let sharedGroup: Result<EpollLoopGroup, LoopFailure> = Result { () throws(LoopFailure) in
        try EpollLoopGroup(count: 1)
    }

    /// One after the other.
    package func next() -> EpollLoop {
        loops[Int(bitPattern: UInt(bitPattern: turn.wrappingAdd(1, ordering: .relaxed).oldValue) % UInt(loops.count))]
    }

    /// Ends the loops, closes what is open on them, and waits for their threads. Not to be called on one of them;
    /// harmless when called again.
    package func stop() {
        guard !isStopped.exchange(true, ordering: .acquiringAndReleasing) else { return }
        Self.end(loops)
    }

    private static func end(_ loops: [EpollLoop]) {
        for loop in loops { loop.execute { loop.stop() } }
        for loop in loops { loop.thread.join() }
    }
}
