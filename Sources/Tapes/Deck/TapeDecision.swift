/// What a deck says to a request.
public enum TapeDecision: Sendable {
    /// This tape answers.
    case play(TapePlayback)
    /// No tape answers, and the request is not to go on.
    case miss(MissReport)
    /// It goes to its upstream and is recorded.
    case record(TapeTake)
    /// It goes to its upstream, and the deck has no part in it.
    case pass
}

/// A tape that is to be played, and how.
public struct TapePlayback: Sendable {
    public var item: Cassette.Item
    /// The request's own options, and behind them the cassette's.
    public var options: ReplayOptions
    /// Seconds since it was recorded, where the cassette's `maxAge` says that this is too long.
    public var expiredAge: Int64?
    /// What to warn of: that the tape is too old. Given once for each tape, until it is reset.
    public var warning: String?
}

/// Leave to record a request.
public struct TapeTake: Sendable {
    let deck: TapeDeck
    let recorder: CassetteRecorder
    let live: LiveRequest
    let scope: TapeScope?
    let naming: CassetteRecorder.Naming
    let number: Int

    /// Begins the recording as the request goes out.
    ///
    /// - Parameters:
    ///   - api: the first part of the file's name, such as the dialect's name.
    ///   - secrets: the credentials seen and put in, masked in all that is stored.
    public func begin(api: String, secrets: TapeSecrets = .none) -> TapeRecording {
        let (deck, number, scope) = (deck, number, scope)
        return recorder.begin(live, api: api, scope: scope ?? .root, secrets: secrets, naming: naming) {
            deck.ended(number, scope: scope, $0)
        }
    }
}
