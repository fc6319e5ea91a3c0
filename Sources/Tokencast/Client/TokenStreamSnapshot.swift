public import Dialects

/// What was said up to a place: by one stream, or by all the streams of a channel that run.
public struct TokenStreamSnapshot: Sendable, Equatable {
    /// The id of the last event that it covers.
    public var asOf: String?
    /// The channel's name; nil where it is a stream's.
    public var channel: String?
    /// In the order in which they started; the one where it is a stream's.
    public var streams: [Stream]

    /// One stream so far.
    public struct Stream: Sendable, Equatable {
        public var stream: String
        public var state: State
        public var dialect: String?
        public var model: String?
        public var method: String?
        public var path: String?
        public var channel: String?
        public var status: Int?
        /// In seconds since 1970.
        public var created: Int?
        public var choices: [Choice]
        public var usage: TokenUsage?
        /// Whether there was more than is kept, so that the parts have its beginning only.
        public var isCut: Bool
        /// How it ended; nil while it runs.
        public var end: StreamEnd?

        /// The text of the first choice.
        public var text: String {
            let first = choices.first { $0.index == 0 }
            return first?.parts.map { if case .text(let text) = $0.content { text } else { "" } }.joined() ?? ""
        }
    }

    /// What a stream is at. A server may know more than these.
    public struct State: RawRepresentable, Sendable, Hashable {
        public var rawValue: String

        public init(rawValue: String) { self.rawValue = rawValue }

        public static let streaming = State(rawValue: "streaming")
        public static let complete = State(rawValue: "complete")
        public static let truncated = State(rawValue: "truncated")
        public static let error = State(rawValue: "error")
        public static let cancelled = State(rawValue: "cancelled")
    }

    /// One of the answers, where a request asked for several.
    public struct Choice: Sendable, Equatable {
        public var index: Int
        /// The provider's word for why it ended; nil while it goes on.
        public var finish: String?
        public var parts: [Part]
    }

    /// A run of text of one kind, or a tool call.
    public struct Part: Sendable, Equatable {
        /// The number that its deltas have.
        public var part: Int
        public var content: Content
        /// The sources of a text.
        public var citations: [Citation]

        public enum Content: Sendable, Equatable {
            case text(String)
            case reasoning(String)
            case refusal(String)
            /// `arguments` is JSON text, and may be half of it while the stream runs.
            case toolCall(id: String?, name: String?, arguments: String)
            /// A type that this version doesn't know.
            case unknown(type: String, JSONValue)
        }
    }
}
