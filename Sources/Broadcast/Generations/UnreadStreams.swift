import NIOCore
import Synchronization

/// The streams of one event loop with bytes that nobody has read yet, longest waiting first.
///
/// What it costs to read a lone chunk is mostly that by then nothing of its stream is in the processor's caches. Where nobody
/// follows a stream, some chunks of it are read together.
///
/// `@unchecked Sendable`: confined to its loop, apart from ``isEmpty``.
final class UnreadStreams: @unchecked Sendable {
    private var waiting: CircularBuffer<(generation: Generation, since: NIODeadline)> = []
    private let hasSome = Atomic<Bool>(false)

    /// How long bytes wait: nobody notices, since whoever asks for something has them read first.
    static let patience = TimeAmount.seconds(2)

    /// Whether there is nothing to read. From any thread.
    ///
    /// Whoever adds a reader asks this behind it; whoever leaves a stream unread asks for readers behind saying so here.
    /// In one of the two cases at least the other is seen.
    var isEmpty: Bool { !hasSome.load(ordering: .sequentiallyConsistent) }

    /// Adds a stream, and reads one or two that have waited for long: so the work of reading comes as the bytes do.
    func append(_ generation: Generation, at now: NIODeadline) {
        if waiting.isEmpty { hasSome.store(true, ordering: .sequentiallyConsistent) }
        waiting.append((generation, now))
        for _ in 0..<2 { readNext(at: now) }
    }

    /// Reads what has waited for long, as at times when nothing comes.
    func readOld(at now: NIODeadline) {
        while readNext(at: now) {}
    }

    /// Reads everything.
    func readAll() {
        while let next = pop() { next.readUnread() }
    }

    @discardableResult
    private func readNext(at now: NIODeadline) -> Bool {
        guard let oldest = waiting.first, oldest.since + Self.patience < now, let next = pop() else { return false }
        next.readUnread()
        return true
    }

    private func pop() -> Generation? {
        guard let generation = waiting.popFirst()?.generation else { return nil }
        if waiting.isEmpty { hasSome.store(false, ordering: .sequentiallyConsistent) }
        generation.isListedUnread = false
        return generation
    }
}
