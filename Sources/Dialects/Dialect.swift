/// A provider's wire format: how its bodies are framed, and what its frames mean. How it words an error is an
/// ``ErrorFormat``.
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

    public init(
        name: String,
        framing: Framing,
        matches: @escaping @Sendable (String) -> Bool,
        makeInterpreter: @escaping @Sendable () -> any FrameInterpreter
    ) {
        self.name = name
        self.framing = framing
        self.matches = matches
        self.makeInterpreter = makeInterpreter
    }
}
