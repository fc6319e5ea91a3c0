import Broadcast

/// What a socket's messages mean, as a state machine: messages and ends go in, what is to be done comes out.
protocol SocketSession {
    typealias Action = WebSocketSession.Action

    /// A message came.
    ///
    /// - Parameter refusal: why a channel or stream can't be subscribed to; nil where it can.
    mutating func receive(_ text: [UInt8], refusal: (SessionTarget) -> SessionError?) -> [Action]

    /// An operation is done, and this is its answer.
    mutating func finished(_ answer: SessionAnswer) -> [Action]

    /// A subscription is over by itself.
    mutating func ended(_ target: SessionTarget, _ reason: ReaderEnd) -> [Action]
}
