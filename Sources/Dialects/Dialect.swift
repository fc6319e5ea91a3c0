/// A provider's wire format: how its bodies are framed, and what its frames mean.
///
/// Adding one is a new file with a static member, and a row in ``Dialect/all``.
public struct Dialect: Sendable {
    /// How a body is cut into frames.
    public enum Framing: String, Sendable, CaseIterable {
        case serverSentEvents
        case ndjson
        /// A JSON array whose elements arrive one after another; each is a frame.
        case jsonArray
        /// Binary messages with checksums (`application/vnd.amazon.eventstream`).
        case awsEventStream
        /// One document: the whole body is one frame.
        case document
    }

    /// As written in tapes and metrics: `openai.chat`.
    public let name: String
    /// How the body of a stream is framed where the content type doesn't say.
    public let framing: Framing
    /// Whether a body that is a JSON array is a stream of its elements.
    public let streamsArrays: Bool
    /// How errors are worded to its clients.
    public let errors: ErrorFormat
    /// Whether a request with this path speaks this dialect (the path may carry a prefix before `/v1`).
    public let matches: @Sendable (_ path: String) -> Bool
    /// Whether a stream's first frame can only be this dialect's: asked where the path doesn't tell, or is wrong.
    public let recognizes: @Sendable (_ name: RawSpan, _ data: RawSpan) -> Bool
    /// The model that a path names, where the provider puts it there; percent-encoded as it came.
    public let model: @Sendable (_ path: String) -> String?
    /// Makes the interpreter of one stream.
    public let makeInterpreter: @Sendable () -> any FrameInterpreter

    public init(
        name: String,
        framing: Framing,
        streamsArrays: Bool = false,
        errors: ErrorFormat = .openAI,
        matches: @escaping @Sendable (_ path: String) -> Bool,
        recognizes: @escaping @Sendable (_ name: RawSpan, _ data: RawSpan) -> Bool = { _, _ in false },
        model: @escaping @Sendable (_ path: String) -> String? = { _ in nil },
        makeInterpreter: @escaping @Sendable () -> any FrameInterpreter
    ) {
        self.name = name
        self.framing = framing
        self.streamsArrays = streamsArrays
        self.errors = errors
        self.matches = matches
        self.recognizes = recognizes
        self.model = model
        self.makeInterpreter = makeInterpreter
    }
}
