/// What the peer did that the protocol forbids, with the code to close the connection with.
public struct WebSocketFailure: Error, Sendable, Hashable {
    public var code: CloseCode
    /// A few words for a person, to go along with the code: ASCII, and at most 123 characters.
    public var reason: String

    public init(_ code: CloseCode, _ reason: String) {
        self.code = code
        self.reason = reason
    }
}
