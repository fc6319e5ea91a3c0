/// One thing that happened in a token stream, whatever the provider's wire format.
///
/// A dialect turns frames into these. Sequence numbers count them, the fold adds them up, views render them. The log
/// holds millions of them, most of them deltas: the two large cases are indirect, so that they don't make all large.
public enum TokenEvent: Sendable, Hashable {
    /// The first event of every stream.
    case start(StreamStart)
    /// The provider began the message anew, after a retry of its own: what came before it is void.
    indirect case restart(StreamStart)
    /// A piece of the answer.
    case delta(TokenDelta)
    /// Token counts as known so far; a later one replaces an earlier one, member by member.
    indirect case usage(TokenUsage)
    /// One choice ended.
    indirect case finish(choice: Int, FinishReason)
    /// A frame that says nothing in the terms above; it is counted so that the raw view can resume behind it.
    case opaque
    /// The last event of every stream.
    indirect case end(StreamEnd)
}

/// What the upstream's first frame says of the stream.
public struct StreamStart: Sendable, Hashable {
    /// The provider's own id of the completion.
    public var id: String?
    /// The model that answers, which may differ from the one asked for.
    public var model: String?

    public init(id: String? = nil, model: String? = nil) {
        self.id = id
        self.model = model
    }
}

/// A piece of one part of one choice.
///
/// Parts number what a choice is made of (reasoning, text, each tool call) from 0, in order of first appearance.
public struct TokenDelta: Sendable, Hashable {
    public enum Content: Sendable, Hashable {
        case text(String)
        case reasoning(String)
        case refusal(String)
        indirect case toolCall(ToolCallDelta)
        /// A source for the text of the same part.
        indirect case citation(Citation)
    }

    public var choice: Int
    public var part: Int
    public var content: Content

    /// The bytes of its text, names and sources included.
    package var textSize: Int {
        switch content {
        case .text(let text), .reasoning(let text), .refusal(let text): text.utf8.count
        case .toolCall(let call):
            call.arguments.utf8.count + (call.id?.utf8.count ?? 0) + (call.name?.utf8.count ?? 0)
        case .citation(let citation):
            citation.raw.utf8.count + (citation.url?.utf8.count ?? 0) + (citation.title?.utf8.count ?? 0)
        }
    }

    public init(choice: Int, part: Int, content: Content) {
        self.choice = choice
        self.part = part
        self.content = content
    }
}

/// A piece of a tool call: `id` and `name` come once, `arguments` is JSON text in pieces.
public struct ToolCallDelta: Sendable, Hashable {
    /// Which of its choice's tool calls, from 0, in order of first appearance.
    public var index: Int
    public var id: String?
    public var name: String?
    public var arguments: String

    public init(index: Int = 0, id: String? = nil, name: String? = nil, arguments: String = "") {
        self.index = index
        self.id = id
        self.name = name
        self.arguments = arguments
    }
}

/// A source that a provider gives for its text: an annotation, a grounding chunk, a search result.
public struct Citation: Sendable, Hashable {
    public var url: String?
    public var title: String?
    /// The provider's own object, as it stood on the wire.
    public var raw: String

    public init(url: String? = nil, title: String? = nil, raw: String) {
        self.url = url
        self.title = title
        self.raw = raw
    }
}

/// Token counts. A count that the provider didn't give is nil, which is not 0.
///
/// They mean the same whatever the provider: `input` includes what was read from a cache or written to one, `output`
/// includes reasoning (as OpenTelemetry's conventions for generative AI have it).
public struct TokenUsage: Sendable, Hashable {
    public var input: Int?
    public var output: Int?
    public var total: Int?
    /// The part of `input` that was read from the provider's cache.
    public var cached: Int?
    /// The part of `input` that was written to the provider's cache.
    public var cacheCreation: Int?
    /// The part of `output` that was spent on reasoning.
    public var reasoning: Int?
    /// Whether `output` is our count of the pieces that came, since the provider's never did.
    public var isEstimated: Bool
    /// The provider's usage object; where it came in pieces, with the last value of each member.
    public var raw: String

    public init(
        input: Int? = nil,
        output: Int? = nil,
        total: Int? = nil,
        cached: Int? = nil,
        cacheCreation: Int? = nil,
        reasoning: Int? = nil,
        isEstimated: Bool = false,
        raw: String = "{}"
    ) {
        self.input = input
        self.output = output
        self.total = total
        self.cached = cached
        self.cacheCreation = cacheCreation
        self.reasoning = reasoning
        self.isEstimated = isEstimated
        self.raw = raw
    }
}

/// How a stream ended.
public struct StreamEnd: Sendable, Hashable {
    public enum State: String, Sendable, Hashable, CaseIterable {
        /// The dialect's own end was seen.
        case complete
        /// The body ended without it.
        case truncated
        /// The upstream failed, or said so within the stream.
        case error
        /// Nobody wanted the rest.
        case cancelled
    }

    public var state: State
    /// What ended the stream in its dialect (`[DONE]`), nil where nothing did.
    public var terminal: String?
    public var error: StreamError?

    public init(state: State, terminal: String? = nil, error: StreamError? = nil) {
        self.state = state
        self.terminal = terminal
        self.error = error
    }
}

/// What went wrong with a stream, in the provider's words or ours.
public struct StreamError: Sendable, Hashable {
    public var message: String
    public var type: String?
    public var code: String?
    /// The HTTP status, where the upstream answered with an error status, or named one in an error within the stream.
    public var status: Int?

    public init(message: String, type: String? = nil, code: String? = nil, status: Int? = nil) {
        self.message = message
        self.type = type
        self.code = code
        self.status = status
    }
}
