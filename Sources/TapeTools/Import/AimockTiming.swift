import Dialects

/// When the pieces of a fixture's stream come, and whether they all do.
struct AimockTiming {
    static let members = [
        "latency", "chunkSize", "truncateAfterChunks", "disconnectAfterMs", "streamingProfile", "recordedTimings",
    ]

    /// In characters. aimock's default is 20.
    private(set) var chunkSize = 20
    /// Microseconds before the first piece, and before each of the others.
    private var first: Int64
    private var rest: Int64
    /// Measured gaps, which come before `rest`.
    private var measured: [Int64] = []
    private var mostPieces: Int?
    private var latest: Int64?

    init(_ fixture: JSONValue, pace: Int64) throws(AimockFixtures.Unmappable) {
        (first, rest) = (pace, pace)
        if let latency = try Self.milliseconds(fixture["latency"]) { (first, rest) = (latency, latency) }
        if let profile = fixture["streamingProfile"] {
            if let ttft = try Self.milliseconds(profile["ttft"]) { first = ttft }
            if let rate = profile["tps"] {
                guard let tokens = rate.double, tokens > 0.001, tokens < 1e6 else {
                    throw AimockFixtures.Unmappable("\"tps\" must be a number above 0", rate)
                }
                rest = Int64(1e6 / tokens)
            }
        }
        if let timings = fixture["recordedTimings"] {
            if let ttft = try Self.milliseconds(timings["ttftMs"]) { first = ttft }
            for gap in timings["interChunkDelaysMs"]?.array ?? [] {
                if let delay = try Self.milliseconds(gap) { measured.append(delay) }
            }
        }
        if let size = fixture["chunkSize"] { chunkSize = max(1, try Self.count(size, "chunkSize")) }
        if let most = fixture["truncateAfterChunks"] { mostPieces = try Self.count(most, "truncateAfterChunks") }
        latest = try Self.milliseconds(fixture["disconnectAfterMs"])
    }

    /// Spaces frames out. What a fixture cuts off is missing, and the exchange then ends with a reset.
    func schedule(_ frames: [[UInt8]]) -> (pieces: [ImportedExchange.Piece], isCut: Bool) {
        var pieces: [ImportedExchange.Piece] = []
        var offset: Int64 = 0
        for (index, frame) in frames.enumerated() {
            let delay = index == 0 ? first : index <= measured.count ? measured[index - 1] : rest
            offset = min(offset + delay, Self.longest)
            if let mostPieces, index >= mostPieces { return (pieces, true) }
            if let latest, offset > latest { return (pieces, true) }
            pieces.append(.init(delay: delay, bytes: frame))
        }
        return (pieces, false)
    }

    /// An hour, which no test waits.
    private static let longest: Int64 = 3_600_000_000

    private static func milliseconds(_ value: JSONValue?) throws(AimockFixtures.Unmappable) -> Int64? {
        guard let value, !value.isNull else { return nil }
        guard let number = value.double, (0...3_600_000).contains(number) else {
            throw AimockFixtures.Unmappable("a time must be from 0 to 3600000 ms", value)
        }
        return Int64(number * 1000)
    }

    private static func count(_ value: JSONValue, _ name: String) throws(AimockFixtures.Unmappable) -> Int {
        guard let count = value.int, count >= 0 else {
            throw AimockFixtures.Unmappable("\"\(name)\" must be a whole number", value)
        }
        return count
    }
}
