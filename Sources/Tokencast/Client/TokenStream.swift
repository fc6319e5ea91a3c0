/// The events of a stream or a channel of a running Tokencast, as an `AsyncSequence` that resumes by itself.
///
/// ```swift
/// for try await event in TokenStream("http://127.0.0.1:8653/channels/demo", since: .now) {
///     if case .delta(let delta) = event.content, case .text(let text) = delta.content { print(text, terminator: "") }
/// }
/// ```
///
/// A connection that is cut is taken up again behind the last event, so that each event is given once and none is left
/// out; where the server has dropped events meanwhile, a ``TokenStreamEvent/Content/reset(reason:)`` says so. A stream
/// ends the sequence with its `end`; a channel goes on until the task is cancelled. Each iterator has a connection of
/// its own, which is closed when its task is cancelled or the loop is left. A reader that is slow stops the transfer;
/// not much more than 256 events are ever held for it.
public struct TokenStream: AsyncSequence, Sendable {
    public typealias Element = TokenStreamEvent
    public typealias Failure = TokenStreamError

    var url: String
    var since: Since
    var catchUp: CatchUp
    var key: String?
    var reconnection: Reconnection
    var onConnection: (@Sendable (ConnectionState) -> Void)?

    /// - Parameters:
    ///   - url: `…/streams/{id}` or `…/channels/{name}`, with `http` or `https`; a signed link is one too. What is no
    ///     such URL throws ``TokenStreamError/Code/invalidURL`` when it is read.
    ///   - since: where to begin. Default ``Since/earliest``.
    ///   - catchUp: what comes first of that which is past. Default ``CatchUp/replay``.
    ///   - key: an API key of the server's, sent as `Authorization: Bearer`; nil for none.
    ///   - reconnection: how long a server that is away is waited for. Default: for ever.
    ///   - onConnection: is told of each connection made and lost, on a thread that it must not block.
    public init(
        _ url: String,
        since: Since = .earliest,
        catchUp: CatchUp = .replay,
        key: String? = nil,
        reconnection: Reconnection = Reconnection(),
        onConnection: (@Sendable (ConnectionState) -> Void)? = nil
    ) {
        self.url = url
        self.since = since
        self.catchUp = catchUp
        self.key = key
        self.reconnection = reconnection
        self.onConnection = onConnection
    }

    public func makeAsyncIterator() -> Iterator { Iterator(self) }

    /// One reader with its connection, which is made at the first ``next()``.
    public struct Iterator: AsyncIteratorProtocol {
        private let handle: Handle
        private var hasBegun = false

        init(_ stream: TokenStream) { handle = Handle(stream) }

        /// The next event; nil at the stream's end, and when the task is cancelled.
        ///
        /// - Throws: ``TokenStreamError`` where the server refuses, or was away for too long.
        public mutating func next() async throws(TokenStreamError) -> TokenStreamEvent? {
            try await next(isolation: nil)
        }

        /// The next event; nil at the stream's end, and when the task is cancelled.
        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(TokenStreamError) -> TokenStreamEvent? {
            if !hasBegun { try handle.begin() }
            hasBegun = true
            return try await handle.next(isolation: actor)
        }
    }

    /// Lets go of the connection with the last copy of its iterator.
    private final class Handle: Sendable {
        private let connection: Result<StreamConnection, TokenStreamError>

        init(_ stream: TokenStream) {
            connection = Result { () throws(TokenStreamError) in try StreamConnection(stream) }
        }

        deinit { if case .success(let connection) = connection { connection.cancel() } }

        func begin() throws(TokenStreamError) { try connection.get().begin() }

        func next(isolation actor: isolated (any Actor)?) async throws(TokenStreamError) -> TokenStreamEvent? {
            let connection = try connection.get()
            let result = await withTaskCancellationHandler {
                await connection.inbox.take(isolation: actor)
            } onCancel: {
                connection.cancel()
            }
            return try result.get()
        }
    }
}
