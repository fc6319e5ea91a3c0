public import Broadcast
public import Tapes

/// What is known of a stream that is about to begin, for whoever wants to take it.
public struct SinkRequest: Sendable {
    /// Its method, path, model and channel.
    public var request: Generation.Request
    /// The name of the upstream that answers.
    public var upstream: String
    /// The name of its dialect.
    public var dialect: String
    /// The tee that the request names.
    public var tee: String?

    public init(request: Generation.Request, upstream: String, dialect: String, tee: String? = nil) {
        self.request = request
        self.upstream = upstream
        self.dialect = dialect
        self.tee = tee
    }
}

/// Makes what takes streams beside their readers.
public protocol SinkFactory: Sendable {
    /// Why a stream can't have the tee that its request names; nil where it can.
    func refusal(of request: SinkRequest) -> String?

    /// Makes the sinks of one stream. Called on its event loop.
    ///
    /// - Parameter secrets: the credentials that the request bears or that are put in; asked for where there is a sink.
    func makeSinks(for request: SinkRequest, secrets: @autoclosure () -> TapeSecrets) -> [any GenerationSink]
}
