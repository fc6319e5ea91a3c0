import Synchronization

/// The node's counters: added to from any thread, read by `/metrics`.
public final class Counters: Sendable {
    /// A number that only grows, or a gauge that goes up and down.
    public struct Counter: ~Copyable, Sendable {
        private let value = Atomic<Int>(0)

        public func add(_ amount: Int = 1) { value.wrappingAdd(amount, ordering: .relaxed) }
        public func subtract(_ amount: Int = 1) { value.wrappingSubtract(amount, ordering: .relaxed) }
        public var current: Int { value.load(ordering: .relaxed) }
    }

    /// Streams running now.
    public let activeStreams = Counter()
    public let completeStreams = Counter()
    public let truncatedStreams = Counter()
    public let failedStreams = Counter()
    public let cancelledStreams = Counter()
    /// Subscribers connected now, by transport.
    public let sseSubscribers = Counter()
    public let webSocketSubscribers = Counter()
    public let longPollSubscribers = Counter()
    /// All of them.
    public var subscribers: Int {
        sseSubscribers.current + webSocketSubscribers.current + longPollSubscribers.current
    }
    /// Subscribers that were cut off because their sockets took nothing.
    public let stalledSubscribers = Counter()
    /// Subscribers that were told that they are about to lose events, and those that were given a snapshot for events
    /// that are gone.
    public let slowReaders = Counter()
    public let resets = Counter()
    /// Events that were published to channels.
    public let published = Counter()
    /// Deltas parsed.
    public let tokens = Counter()
    /// Events written to subscribers.
    public let deliveries = Counter()
    /// Requests answered, proxied or our own.
    public let requests = Counter()
    /// Bytes that came from upstreams.
    public let upstreamBytes = Counter()
    /// Tapes written and served, requests that no tape answered, recordings that failed.
    public let tapesRecorded = Counter()
    public let tapesReplayed = Counter()
    public let tapeMisses = Counter()
    public let recordingFailures = Counter()
    /// Streams that a tee holds in part or not at all.
    public let teeFailures = Counter()
    /// Grows whenever a reader joins or leaves a log: while it stands still, who is followed is known.
    let readership = Atomic<Int>(0)
    /// From the start of the request to its first delta.
    public let timeToFirstToken = Histogram()

    public init() {}

    /// Seconds in fixed buckets, as Prometheus takes them.
    public struct Histogram: ~Copyable, Sendable {
        /// Upper bounds in microseconds.
        public static let bounds = [
            5000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000,
            30_000_000, 60_000_000,
        ]
        private let counts = Mutex<[Int]>(Array(repeating: 0, count: bounds.count + 1))
        private let sum = Counter()

        public func record(microseconds: Int) {
            let bucket = Self.bounds.firstIndex { microseconds <= $0 } ?? Self.bounds.count
            counts.withLock { $0[bucket] += 1 }
            sum.add(microseconds)
        }

        /// Cumulative counts per bound, the count of all, and the sum in microseconds.
        public var snapshot: (cumulative: [Int], count: Int, sum: Int) {
            let counts = self.counts.withLock { $0 }
            var total = 0
            let cumulative = counts.map { count in
                total += count
                return total
            }
            return (Array(cumulative.dropLast()), total, sum.current)
        }
    }
}
