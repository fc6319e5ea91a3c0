public import Dialects

/// One event of a ``TokenStream``.
public struct TokenStreamEvent: Sendable, Equatable {
    /// Where to resume behind it, with ``TokenStream/Since/event(_:)``; nil for what has no place of its own.
    public var id: String?
    /// The stream that it belongs to; nil for what concerns a channel as a whole, and for what was published.
    public var stream: String?
    /// The event's name as the server sent it: `delta`, or for what was published the publisher's.
    public var name: String
    /// The event's data as the server sent it: JSON.
    public var data: String
    /// What it says.
    public var content: Content

    /// What an event says. What a newer server may send beside these is ``unknown(kind:_:)``.
    public enum Content: Sendable, Equatable {
        /// A stream began.
        case start(TokenStreamStart)
        /// The provider began the message anew: what the stream said so far is void.
        case restart(StreamStart)
        /// A piece of the answer. A tool call is told by its part; its index isn't sent, and is 0.
        case delta(TokenDelta)
        /// Token counts so far; a later one replaces an earlier one.
        case usage(TokenUsage)
        /// A stream ended. `finish` is the provider's word for why.
        case end(StreamEnd, finish: String?)
        /// All that was said so far: it replaces what was read before.
        case snapshot(TokenStreamSnapshot)
        /// Events are missing here, as the server no longer has them; a snapshot follows.
        case reset(reason: String)
        /// The reader has used up most of the room that the server keeps for those who lag.
        case slow(behind: Int, retained: Int)
        /// Somebody published this in the channel.
        case message(name: String, JSONValue)
        /// Something that this version doesn't know: its name and its data, a string where that is no JSON.
        case unknown(kind: String, JSONValue)
    }
}

/// What is known of a stream when it begins.
public struct TokenStreamStart: Sendable, Hashable {
    /// The format that the provider speaks, such as `openai.chat`.
    public var dialect: String?
    /// The model that answers, or else the one asked for.
    public var model: String?
    /// The provider's own id of the answer.
    public var id: String?
    public var method: String?
    public var path: String?
    /// The HTTP status that the provider answered with.
    public var status: Int?
    /// In seconds since 1970.
    public var created: Int?
}
