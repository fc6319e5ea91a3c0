/// A live request that came to a deck, and what became of it.
public struct LoggedRequest: Sendable {
    /// What became of a request.
    public enum Outcome: Sendable {
        /// The tape with this name answered.
        case played(String)
        /// It was asked live, and is still being recorded.
        case recording
        /// It was asked live, and the tape with this path is whole.
        case recorded(String)
        /// It was asked live, but there is no whole tape of it, for this reason.
        case unrecorded(String)
        /// No tape answered, and it was not asked live.
        case missed(MissReport)
    }

    /// Counts the requests of a deck, from 1.
    public var number: Int
    /// Seconds since 1970, UTC.
    public var time: Int64
    /// Nil where the request named none.
    public var scope: TapeScope?
    /// The request as a tape would hold it: allowed headers and query items only, secrets masked. Its body is missing
    /// where ``isBodyDropped`` says so.
    public var request: TapeRequest
    /// Whether the body was let go because the log held too much.
    public var isBodyDropped: Bool
    public var outcome: Outcome

    /// What the log keeps: masking waits until somebody looks.
    struct Source: Sendable {
        var time: Int64
        var scope: TapeScope?
        var live: LiveRequest
        var secrets: TapeSecrets
    }
}

/// A request that no tape answered, and why.
public struct MissedRequest: Sendable {
    /// As in ``LoggedRequest/number``.
    public var number: Int
    public var scope: TapeScope?
    public var report: MissReport
}

/// Whether a run asked for what was recorded, no more and no less.
public struct TapeVerification: Sendable {
    /// The first of the requests that no tape answered, in the order they came in.
    public var unexpected: [MissedRequest]
    /// How many there were in all.
    public var unexpectedCount: Int
    /// The names of the tapes that could have been played and never were.
    public var unused: [String]

    public var isOK: Bool { unexpectedCount == 0 && unused.isEmpty }
}
