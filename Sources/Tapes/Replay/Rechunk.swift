/// How the body of a replayed tape is cut into chunks. Its bytes stay the same in every mode.
public enum Rechunk: Sendable, Hashable {
    /// As it was recorded.
    case recorded
    /// One chunk per event of its framing.
    case event
    /// One chunk per line.
    case line
    /// One chunk per byte.
    case byte
    /// Chunks of so many bytes, the last one excepted.
    case size(Int)
    /// Cut within every character of more than one byte.
    case utf8Split
    /// Cut between every CR and its LF.
    case crlfSplit
    /// All that a recorded pause doesn't part is one chunk.
    case coalesce
    /// Cut at random places, the same ones for the same seed.
    case random(seed: UInt64)
}
