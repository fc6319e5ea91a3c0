import Synchronization

/// What all recorders of a process share: a bounded queue, and the one thread that encodes and writes what is in it.
///
/// Whoever enqueues never waits for the disk: when the queue is full, the recording ends instead. The thread lives
/// until ``shutdown(within:)``.
public final class RecordingQueue: Sendable {
    /// One step of one recording; no sink where it concerns the queue itself.
    struct Item: Sendable {
        var sink: RecordingSink?
        var step: Step
    }

    /// The rare steps are boxed, so that a chunk, which comes by the thousand, is a few words.
    enum Step: Sendable {
        indirect case begin(LiveRequest)
        indirect case response(Tape.Response)
        /// Some of the chunks of the block that the step is in.
        case chunks(Range<Int>)
        indirect case marker(offset: Int64, name: String)
        indirect case end(offset: Int64, TapeEnd)
        /// The recording was let go without an end.
        case abandon
        /// Everything before this is in its file.
        case barrier(@Sendable () -> Void)
    }

    private struct State {
        var backlog = RecordingBacklog()
        /// The size of what isn't written yet, the batch that the thread works on included.
        var bytes = 0
        /// Whether the thread sleeps without a time, so that it must be woken.
        var isIdle = false
        var isClosed = false
        /// Whether the thread has ended, or never began.
        var isDone = false
        var whenDone: [@Sendable () -> Void] = []
    }

    /// How long lines may gather before they are written: with what the writing takes, under the promised 100 ms.
    private static let gatherMilliseconds: Int32 = 80
    /// So much isn't left to gather: the sooner it is written, the less of it has left the processor's caches.
    private static let gatherSize = 512 << 10

    private let state = Mutex(State())
    private let wakePipe = WakePipe()
    private let byteLimit: Int

    /// - Parameter byteLimit: how much may wait to be written, over all recordings; 16 MiB. More is better for bursts
    ///   on slow disks, less for small machines.
    public init(byteLimit: Int = 16 << 20) {
        self.byteLimit = byteLimit
        guard wakePipe != nil, DetachedThread.start({ self.run() }) else {
            state.withLock {
                $0.isClosed = true
                $0.isDone = true
            }
            return
        }
    }

    /// Takes a step; false where there is no room for it or the queue is closed.
    ///
    /// - Parameter mustFit: whether it is taken without asking for room, as the end of a recording is.
    func enqueue(_ sink: RecordingSink?, _ step: Step, bytes: Int = 0, mustFit: Bool = false) -> Bool {
        add(bytes: bytes, mustFit: mustFit) { $0.append(sink, step, bytes: bytes) }
    }

    /// Takes chunks; false where there is no room for them or the queue is closed.
    func enqueue(_ sink: RecordingSink, _ chunks: RecordedChunks) -> Bool {
        add(bytes: chunks.cost, mustFit: false) { $0.append(sink, chunks) }
    }

    @inline(__always)
    private func add(bytes: Int, mustFit: Bool, _ body: (inout RecordingBacklog) -> Void) -> Bool {
        let (taken, wake) = state.withLock { state -> (Bool, Bool) in
            guard !state.isClosed, mustFit || state.bytes < byteLimit else { return (false, false) }
            let before = state.backlog.cost
            body(&state.backlog)
            state.bytes += RecordingBacklog.cost(bytes)
            let limit = min(Self.gatherSize, byteLimit / 4)
            let wake = state.isIdle || (before < limit && state.backlog.cost >= limit)
            state.isIdle = false
            return (true, wake)
        }
        if wake { wakePipe?.wake() }
        return taken
    }

    /// Waits until all that was enqueued before is in its files.
    public func flush() async {
        await withCheckedContinuation { continuation in
            guard enqueue(nil, .barrier { continuation.resume() }, mustFit: true) else {
                continuation.resume()
                return
            }
            wakePipe?.wake()
        }
    }

    /// Stops: what is enqueued is written, recordings that still run are ended with the reason `shutdown`, and nothing
    /// more is taken.
    ///
    /// - Parameter limit: how long to wait for that.
    /// - Returns: whether it was done in time.
    public func shutdown(within limit: Duration) async -> Bool {
        let answer = FirstAnswer()
        let timer = Task {
            try? await Task.sleep(for: limit)
            answer.give(false)
        }
        defer { timer.cancel() }
        let isDone = state.withLock { state in
            state.isClosed = true
            if !state.isDone { state.whenDone.append { answer.give(true) } }
            return state.isDone
        }
        if isDone { return true }
        wakePipe?.wake()
        return await answer.value()
    }

    /// The thread: gathers, encodes, writes, and sleeps when there is nothing.
    private func run() {
        // The sinks with an open file, known to this thread only.
        var open: [RecordingSink] = []
        var desk = RecordingDesk()
        while true {
            var batch = takeBatch()
            let isEmpty = batch.blocks.isEmpty
            process(batch.blocks, &open, &desk)
            // Here and not within the lock, and in place, since emptying what is shared would make room anew.
            for block in batch.blocks.indices { batch.blocks[block].removeAll() }
            state.withLock { state in
                state.bytes -= batch.cost
                state.backlog.recycle(&batch.blocks)
            }
            if isEmpty, batch.isClosed { break }
            if batch.isClosed { continue }
            if !isEmpty {
                wakePipe?.wait(milliseconds: Self.gatherMilliseconds)
            } else if becomesIdle() {
                wakePipe?.wait(milliseconds: nil)
            }
        }
        for sink in open { sink.shutDown() }
        let whenDone = state.withLock { state in
            state.isDone = true
            defer { state.whenDone = [] }
            return state.whenDone
        }
        for answer in whenDone { answer() }
    }

    private func takeBatch() -> (blocks: [RecordingBacklog.Block], cost: Int, isClosed: Bool) {
        state.withLock { state in
            let cost = state.backlog.cost
            return (state.backlog.take(), cost, state.isClosed)
        }
    }

    /// Whether there is still nothing to do, so that the next item must wake the thread.
    private func becomesIdle() -> Bool {
        state.withLock { state in
            state.isIdle = state.backlog.isEmpty && !state.isClosed
            if state.isIdle { state.backlog.trim() }
            return state.isIdle
        }
    }

    private func process(
        _ batch: [RecordingBacklog.Block],
        _ open: inout [RecordingSink],
        _ desk: inout RecordingDesk
    ) {
        var touched: [RecordingSink] = []
        var barriers: [@Sendable () -> Void] = []
        for (block, content) in batch.enumerated() {
            for item in content.items {
                if let sink = item.sink {
                    if sink.take(item.step, of: block) { touched.append(sink) }
                } else if case .barrier(let reached) = item.step {
                    barriers.append(reached)
                }
            }
        }
        for sink in touched {
            let wasOpen = sink.isListed
            sink.write(batch, &desk)
            if sink.isListed, !wasOpen { open.append(sink) }
        }
        if !touched.isEmpty { open.removeAll { !$0.isListed } }
        for reached in barriers { reached() }
    }
}
