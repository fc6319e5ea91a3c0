/// Where a stream comes from, which decides who may read and stop it.
public struct StreamOrigin: Sendable, Hashable {
    /// The name of the key that made it; nil where none was needed.
    public var owner: String?
    /// The channel that its request named; nil for `all` alone.
    public var channel: String?

    public init(owner: String? = nil, channel: String? = nil) {
        self.owner = owner
        self.channel = channel
    }
}
