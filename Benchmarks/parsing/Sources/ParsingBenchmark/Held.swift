import Broadcast
import CMalloc
import Dialects
import Foundation
import NIOCore
import NIOEmbedded

/// What a live log takes in memory: all that the heap grew by while streams were read, over the bytes that were read.
///
/// The streams run still: their logs, that of the channel `all`, their messages so far, and what their decoders keep are in it,
/// as the allocator counts them, its rounding included.
enum Held {
    /// How the streams' chunks come.
    enum Arrival: String, CaseIterable {
        /// One stream, 64 chunks a turn.
        case burst
        /// One stream, each chunk in a turn of its own.
        case alone
        /// Many streams, each chunk in a turn of its own, so that no two neighbours in `all` are of one stream.
        case interleaved

        var streams: Int { self == .interleaved ? 32 : 1 }
    }

    struct Result {
        /// What the heap grew by, over the bytes of the streams.
        let ratio: Double
        /// The same by the node's own account, which its bounds go by.
        let counted: Double
    }

    static func measure(_ workload: Workload, _ arrival: Arrival) -> Result {
        let loop = EmbeddedEventLoop()
        var retention = Retention()
        // Nothing is to be let go of.
        retention.maximumEvents = .max
        retention.maximumBytes = .max
        retention.maximumTotalBytes = .max
        let hub = Hub(eventLoops: [loop], retention: retention)
        let generations = (0..<arrival.streams).map { _ in
            let generation = hub.makeGeneration(
                .init(method: "POST", path: "/", model: "m"),
                dialect: workload.dialect,
                on: loop
            )
            generation.responded(status: 200, framing: workload.framing)
            return generation
        }
        // The last chunks would end the stream.
        let chunks = workload.chunks.dropLast(8)
        let reads = arrival == .burst ? workload.reads.dropLast(2) : chunks
        let before = heap_bytes()
        let counted = hub.heldBytes
        for (number, read) in reads.enumerated() {
            for generation in generations {
                generation.feed(read, offset: number)
                generation.seal()
            }
        }
        let grown = Int(heap_bytes()) - Int(before)
        let bytes = Double(arrival.streams * reads.reduce(0) { $0 + $1.readableBytes })
        return withExtendedLifetime((hub, generations)) {
            Result(ratio: Double(grown) / bytes, counted: Double(hub.heldBytes - counted) / bytes)
        }
    }

    static func table(_ workloads: [Workload]) -> String {
        var text = """
            | stream | bytes per chunk | burst | alone | 32 streams in turn | as counted |
            |---|---|---|---|---|---|

            """
        for workload in workloads {
            let size = Double(workload.byteCount) / Double(workload.chunks.count)
            let results = Arrival.allCases.map { measure(workload, $0) }
            text += "| \(workload.name) | \(Int(size.rounded())) |"
            for result in results { text += String(format: " %.2f |", result.ratio) }
            text += " " + results.map { String(format: "%.2f", $0.counted) }.joined(separator: ", ") + " |\n"
        }
        return text
    }
}
