import Broadcast
import Dialects
import Foundation
import NIOCore
import NIOEmbedded

/// The time that one thing took, round by round.
struct Measurement {
    /// Nanoseconds per chunk.
    private(set) var rounds: [Double] = []

    mutating func add(_ nanoseconds: UInt64, chunks: Int) { rounds.append(Double(nanoseconds) / Double(chunks)) }

    var minimum: Double { rounds.min() ?? 0 }
    var median: Double { rounds.isEmpty ? 0 : rounds.sorted()[rounds.count / 2] }
}

/// What the processor spent on this thread, so that other programs' turns don't count.
private func threadTime() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}

func measured(_ body: () throws -> Void) rethrows -> UInt64 {
    let start = threadTime()
    try body()
    return threadTime() - start
}

extension Workload {
    /// Reads the stream as an exchange does: each read is decoded, folded and appended to the logs, in a turn of its own.
    ///
    /// - Returns: nanoseconds, without those of making the stream and of letting it go.
    func read(_ reads: [ByteBuffer]) throws -> UInt64 {
        let loop = EmbeddedEventLoop()
        let hub = Hub(eventLoops: [loop])
        let request = Generation.Request(method: "POST", path: "/", model: "m")
        let generation = hub.makeGeneration(request, dialect: dialect, on: loop)
        generation.responded(status: 200, framing: framing)
        let time = measured {
            for (number, read) in reads.enumerated() {
                generation.feed(read, offset: number)
                generation.seal()
            }
            generation.bodyEnded(offset: reads.count)
        }
        guard generation.dialect.name == dialect.name else {
            throw Problem("\(name): was taken for \(generation.dialect.name)")
        }
        guard generation.end?.state == .complete else {
            throw Problem("\(name): didn't end well: \(String(describing: generation.end))")
        }
        guard generation.fold.text == text ?? "" else { throw Problem("\(name): the text isn't what was sent") }
        return time
    }
}
