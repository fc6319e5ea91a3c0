/// A provider's wire format: how its bodies are framed, what its frames mean, and how it words an error.
///
/// Adding one is a new file with a static member, and a row in ``Dialect/all``.
public struct Dialect: Sendable {
    /// How a body is cut into frames.
    public enum Framing: String, Sendable {
        case serverSentEvents
        case ndjson
        /// One document: the whole body is one frame.
        case document
    }

    /// As written in tapes and metrics: `openai.chat`.
    public let name: String
    /// How bodies are framed where the content type doesn't say.
    public let framing: Framing
    /// Whether a request with this path speaks this dialect (the path may carry a prefix before `/v1`).
    public let matches: @Sendable (_ path: String) -> Bool
    /// Makes the interpreter of one stream.
    public let makeInterpreter: @Sendable () -> any FrameInterpreter
    /// The JSON body of an error answer in this dialect.
    public let errorBody: @Sendable (StreamError) -> String
    /// An error as a frame within a stream of this dialect, complete with its blank line; nil where there is none.
    public let errorFrame: @Sendable (StreamError) -> String?

    public init(
        name: String,
        framing: Framing,
        matches: @escaping @Sendable (String) -> Bool,
        makeInterpreter: @escaping @Sendable () -> any FrameInterpreter,
        errorBody: @escaping @Sendable (StreamError) -> String,
        errorFrame: @escaping @Sendable (StreamError) -> String?
    ) {
        self.name = name
        self.framing = framing
        self.matches = matches
        self.makeInterpreter = makeInterpreter
        self.errorBody = errorBody
        self.errorFrame = errorFrame
    }
}
