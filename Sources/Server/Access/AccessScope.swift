/// What a key may be for.
public enum AccessScope: String, Sendable, Hashable, CaseIterable {
    /// Sending requests upstream, and beginning streams that run without a caller.
    case call
    /// Reading channels, and the streams in them.
    case subscribe
    /// Putting events of one's own into channels.
    case publish
    /// Everything, metrics and tapes included.
    case admin
}
