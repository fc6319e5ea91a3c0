public import Tapes

/// A cassette, and what it is to do for the requests that come to it.
public struct TapeSetting: Sendable {
    public var deck: TapeDeck
    public var policy: TapePolicy
    /// The scope of the requests that name none; nil leaves them without.
    public var scope: TapeScope?
    /// How tapes are played, before their cassette has its say.
    public var options: ReplayOptions

    public init(
        _ deck: TapeDeck,
        _ policy: TapePolicy,
        scope: TapeScope? = nil,
        options: ReplayOptions = ReplayOptions()
    ) {
        self.deck = deck
        self.policy = policy
        self.scope = scope
        self.options = options
    }

    /// Whether it answers every request that it has a part in, and none goes to the network.
    var isOffline: Bool { !isOff && policy.modes.allSatisfy { $0 == .none } }

    /// Whether it has no part in any request.
    var isOff: Bool { policy.modes.allSatisfy { $0 == .off } }
}
