import Broadcast
import Dialects
import Foundation
import NIOCore
import NIOEmbedded

/// What one thing took, once.
struct Cost {
    var nanoseconds: UInt64
    /// `nil` where nobody counts them.
    var allocations: UInt64?
}

/// What one thing took per chunk, round by round.
struct Measurement {
    /// Nanoseconds per chunk.
    private(set) var rounds: [Double] = []
    /// Of the last round, per chunk: they are the same in each.
    private(set) var allocations: Double?

    mutating func add(_ cost: Cost, chunks: Int) {
        rounds.append(Double(cost.nanoseconds) / Double(chunks))
        allocations = cost.allocations.map { Double($0) / Double(chunks) }
    }

    var minimum: Double { rounds.min() ?? 0 }
    var median: Double { rounds.isEmpty ? 0 : rounds.sorted()[rounds.count / 2] }
}

/// What the processor spent on this thread, so that other programs' turns don't count.
private func threadTime() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}

/// How often memory has been asked for, where `../gates/allocations.c` is loaded beside the program.
private let allocationCount: (@convention(c) () -> UInt64)? = dlsym(dlopen(nil, RTLD_NOW), "allocation_count").map {
    unsafeBitCast($0, to: (@convention(c) () -> UInt64).self)
}

func measured(_ body: () throws -> Void) rethrows -> Cost {
    let allocations = allocationCount?()
    let start = threadTime()
    try body()
    let time = threadTime() - start
    return Cost(nanoseconds: time, allocations: allocations.flatMap { before in allocationCount.map { $0() - before } })
}

extension Workload {
    /// Reads the stream as an exchange does: each read is decoded, folded and appended to the logs, in a turn of its own.
    ///
    /// - Returns: what that took, without making the stream and letting it go.
    func read(_ reads: [ByteBuffer]) throws -> Cost {
        let loop = EmbeddedEventLoop()
        let hub = Hub(eventLoops: [loop])
        let request = Generation.Request(method: "POST", path: "/", model: "m")
        let generation = hub.makeGeneration(request, dialect: dialect, on: loop)
        generation.responded(status: 200, framing: framing)
        let cost = measured { feedAll(reads, to: generation) }
        guard generation.dialect.name == dialect.name else {
            throw Problem("\(name): was taken for \(generation.dialect.name)")
        }
        guard generation.end?.state == .complete else {
            throw Problem("\(name): didn't end well: \(String(describing: generation.end))")
        }
        guard generation.fold.text == text ?? "" else { throw Problem("\(name): the text isn't what was sent") }
        return cost
    }
}

/// A function of its own and under this name, so that callgrind can count its instructions alone.
@inline(never)
private func feedAll(_ reads: [ByteBuffer], to generation: Generation) {
    for (number, read) in reads.enumerated() {
        generation.feed(read, offset: number)
        generation.seal()
    }
    generation.bodyEnded(offset: reads.count)
}
