/// Something that goes wrong in a replay, though it didn't in the recording.
public struct Fault: Sendable, Hashable {
    /// Where it strikes.
    public enum Address: Sendable, Hashable {
        /// Before the head.
        case start
        /// Before the event with this number, counted from 1 as its framing counts.
        case event(Int)
        /// Before the byte of the body with this number, counted from 0.
        case byte(Int)
        /// So many milliseconds after the request came in.
        case milliseconds(Int)
    }

    public enum Kind: Sendable, Hashable {
        /// The connection is closed: with a FIN, or with a RST.
        case drop(reset: Bool)
        /// Nothing comes for so many milliseconds; nil is for ever.
        case stall(milliseconds: Int?)
        /// The answer has this status instead, and `retry-after` in seconds.
        case status(Int, retryAfter: Int?)
        /// The event there is no longer what its dialect can read.
        case malformed
        /// These bytes come in between.
        case inject([UInt8])
        /// What ends the stream in its dialect is left out, and the body ends as HTTP says.
        case noTerminal
        /// The event there comes twice.
        case duplicate
        /// From there on everything takes so many times as long.
        case slow(factor: Double)
    }

    public var kind: Kind
    public var address: Address
    /// How many answers of a tape it spoils before it lets them pass; nil is every one.
    public var times: Int?

    public init(_ kind: Kind, at address: Address = .start, times: Int? = nil) {
        self.kind = kind
        self.address = address
        self.times = times
    }
}
