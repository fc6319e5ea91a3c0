/// Decides how long the curl thread rests between two rounds, as network cards moderate their interrupts.
///
/// Waking a thread costs more than handling a token. While rounds follow each other so closely that each would find
/// one chunk, a short rest lets several gather; a lone stream, or a quiet node, is never made to wait.
struct RoundPacer {
    /// Rounds closer than this count as load; it is also the longest rest. In nanoseconds.
    static let interval: UInt64 = 400_000
    /// So many rounds in a row must be close before the first rest.
    static let patience = 16

    private var lastRound: UInt64 = 0
    private var closeRounds = 0

    /// Called at the end of a round that delivered something; returns how many nanoseconds to rest.
    mutating func rest(after now: UInt64) -> UInt64 {
        let gap = now > lastRound ? now - lastRound : 0
        lastRound = now
        // A rest itself keeps rounds apart, so a round that comes right after one still counts as close.
        closeRounds = gap < Self.interval * 2 ? min(closeRounds + 1, Self.patience) : 0
        return closeRounds >= Self.patience ? Self.interval : 0
    }
}
