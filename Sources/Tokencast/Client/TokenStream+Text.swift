import Dialects

extension TokenStream {
    /// The text of a stream as it stands, after each change: what a screen shows.
    ///
    /// ```swift
    /// for try await text in TokenStream.text(url) { label = text }
    /// ```
    ///
    /// It is the text of the first choice. Each element is the whole of it, because it doesn't only grow: a provider that
    /// begins anew makes it empty, a snapshot replaces it. In a channel an element is the text of the stream that has just
    /// changed; use the events where streams are to be told apart. The parameters are those of
    /// ``init(_:since:catchUp:key:reconnection:onConnection:)``.
    public static func text(
        _ url: String,
        since: Since = .earliest,
        catchUp: CatchUp = .replay,
        key: String? = nil,
        reconnection: Reconnection = Reconnection(),
        onConnection: (@Sendable (ConnectionState) -> Void)? = nil
    ) -> Texts {
        Texts(
            events: TokenStream(
                url,
                since: since,
                catchUp: catchUp,
                key: key,
                reconnection: reconnection,
                onConnection: onConnection
            )
        )
    }

    /// The text of a stream after each change.
    public struct Texts: AsyncSequence, Sendable {
        public typealias Element = String
        public typealias Failure = TokenStreamError

        let events: TokenStream

        public func makeAsyncIterator() -> Iterator { Iterator(events: events.makeAsyncIterator()) }

        public struct Iterator: AsyncIteratorProtocol {
            var events: TokenStream.Iterator
            private var texts = TextsSoFar()

            init(events: TokenStream.Iterator) { self.events = events }

            /// The text after its next change; nil at the stream's end, and when the task is cancelled.
            public mutating func next() async throws(TokenStreamError) -> String? {
                try await next(isolation: nil)
            }

            /// The text after its next change; nil at the stream's end, and when the task is cancelled.
            public mutating func next(
                isolation actor: isolated (any Actor)?
            ) async throws(TokenStreamError) -> String? {
                while let event = try await events.next(isolation: actor) {
                    if let text = texts.add(event) { return text }
                }
                return nil
            }
        }
    }
}

/// The texts of the streams that run.
struct TextsSoFar {
    private var texts: [String: String] = [:]

    /// The text that an event changes, as it then is; nil where it changes none.
    mutating func add(_ event: TokenStreamEvent) -> String? {
        switch event.content {
        case .delta(let delta):
            guard delta.choice == 0, case .text(let text) = delta.content, let stream = event.stream else { return nil }
            texts[stream, default: ""] += text
            return texts[stream]
        case .restart:
            guard let stream = event.stream, texts.removeValue(forKey: stream)?.isEmpty == false else { return nil }
            return ""
        case .snapshot(let snapshot):
            texts = [:]
            for stream in snapshot.streams { texts[stream.stream] = stream.text }
            return snapshot.streams.last?.text
        case .end:
            if let stream = event.stream { texts[stream] = nil }
            return nil
        default:
            return nil
        }
    }
}
