import NIOCore

/// Over how long subscribers are let go when the server stops.
enum DrainWindow {
    /// So many are let go at once.
    static let handful = 100
    /// How many a second are let go of a crowd.
    static let rate = 2000
    /// No crowd is so large that its last member waits longer.
    static let longest = TimeAmount.seconds(10)

    static func length(subscribers: Int, most: TimeAmount) -> TimeAmount {
        guard subscribers > handful else { return .zero }
        return min(most, longest, .milliseconds(Int64(subscribers) * 1000 / Int64(rate)))
    }
}
