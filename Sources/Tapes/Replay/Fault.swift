/// Something that goes wrong in a replay, though it didn't in the recording.
public struct Fault: Sendable, Hashable {
    /// Where it strikes. Events and bytes are those of the recorded body, times those of the replay without faults.
    public enum Address: Sendable, Hashable {
        /// Before the head; for what befalls a body, before its first byte.
        case start
        /// Before the event with this number, counted from 1 as its framing counts.
        case event(Int)
        /// Before the byte of the body with this number, counted from 0.
        case byte(Int)
        /// So many milliseconds after the request came in.
        case milliseconds(Int)
        /// Behind the last byte of the body, before its end.
        case end
    }

    public enum Kind: Sendable, Hashable {
        /// The connection is closed: with a FIN, or with a RST.
        case drop(reset: Bool)
        /// Nothing comes for so many milliseconds; nil is for ever.
        case stall(milliseconds: Int?)
        /// The answer has this status instead, and `retry-after` in seconds. The address doesn't matter.
        case status(Int, retryAfter: Int?)
        /// The event there is no longer what its dialect can read.
        case malformed
        /// These bytes come in between, as a chunk of their own.
        case inject([UInt8])
        /// What ends the stream in its dialect is left out, and the body ends as HTTP says. The address doesn't matter.
        case noTerminal
        /// The event there comes twice.
        case duplicate
        /// From there on everything takes so many times as long.
        case slow(factor: Double)
    }

    public var kind: Kind
    public var address: Address
    /// How many answers to a request it spoils before it lets them pass; nil is every one.
    public var times: Int?

    public init(_ kind: Kind, at address: Address = .start, times: Int? = nil) {
        self.kind = kind
        self.address = address
        self.times = times
    }

    /// Whether it keeps an answer from coming to its end, so that the caller will ask again.
    var isFatal: Bool {
        switch kind {
        case .drop, .status, .stall(milliseconds: nil): true
        case .stall, .malformed, .inject, .noTerminal, .duplicate, .slow: false
        }
    }
}
