public import NIOCore

/// How a reader sees a log.
public enum View: String, Sendable, Hashable, CaseIterable {
    /// Normalised token events as JSON: `start`, `delta`, `usage`, `end`.
    case delta
    /// The upstream's frames, name and data verbatim.
    case raw
    /// The assistant's text alone.
    case text
    /// `chat.completion.chunk` objects as OpenAI sends them, with one `[DONE]`.
    case openai
    /// Normalised token events as CloudEvents 1.0.
    case cloudevents

    /// What it shows, for documents of the API.
    public var summary: String {
        switch self {
        case .delta: "token events as JSON, the same whatever the provider"
        case .raw: "the upstream's frames, name and data verbatim"
        case .text: "the assistant's text of the first choice"
        case .openai: "`chat.completion.chunk` objects, whatever the provider, and one `[DONE]`"
        case .cloudevents: "token events, and published ones, as CloudEvents 1.0"
        }
    }

    /// Whether several generations can be told apart in it; if not, a channel shows one at a time.
    public var interleaves: Bool { self != .raw && self != .openai }

    /// Whether neighbouring deltas may come in one event. A CloudEvent's id stands for what it holds.
    var merges: Bool { self == .delta || self == .text }
}

/// A view in the framing of a transport: what is rendered once and shared by all who read it so.
public struct ViewFormat: Sendable, Hashable {
    public enum Transport: Sendable, Hashable {
        /// An event stream in HTTP/1.1 chunks.
        case chunkedEventStream
        /// An event stream that the end of the connection ends, for HTTP/1.0.
        case plainEventStream
        /// A text frame per event (RFC 6455).
        case webSocket
        /// Elements of a JSON array, with commas between them: what a WebSocket has in frames.
        case json

        /// Whether events are framed as a `text/event-stream`.
        var isEventStream: Bool { self == .chunkedEventStream || self == .plainEventStream }
    }

    public var view: View
    public var transport: Transport
    /// Whether the `openai` view closes with a chunk of token counts, which its clients ask for with `include_usage`.
    public var includesUsage: Bool
    /// What the `cloudevents` view's sources begin with: the node's address, as `https://host/path`. Empty in other views.
    public var base: String

    public init(view: View, transport: Transport, includesUsage: Bool = false, base: String = "") {
        self.view = view
        self.transport = transport
        self.includesUsage = includesUsage
        self.base = view == .cloudevents ? base : ""
    }

    /// A sign of life between events; nil where the transport has its own.
    public var heartbeat: ByteBuffer? { EventRenderer(format: self).heartbeat }
}
