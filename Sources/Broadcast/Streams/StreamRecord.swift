public import Dialects
import Synchronization

/// What a node knows of one stream, for whoever lists, reads or stops it. From any thread.
public final class StreamRecord: Sendable {
    /// How far a stream has come.
    public struct Progress: Sendable {
        /// Nil while it runs.
        public internal(set) var end: StreamEnd?
        /// The model that answers, or else the one asked for.
        public internal(set) var model: String?
        /// The name of the dialect that is spoken, as far as it is known.
        public internal(set) var dialect: String
        /// The upstream's HTTP status; nil until it answers.
        public internal(set) var status: Int?
        /// Milliseconds since 1970 at its first delta; nil where none came.
        public internal(set) var firstToken: Int?
        /// Milliseconds since 1970 at its end; nil while it runs.
        public internal(set) var ended: Int?
        /// Token counts, once it has ended.
        public internal(set) var usage: TokenUsage?
        /// The provider's word for why it ended; nil while it runs.
        public internal(set) var finish: String?

        /// The state's name in listings and snapshots: `streaming` until the end.
        public var state: String { end?.state.rawValue ?? Self.running }

        static let running = "streaming"
        /// All names that ``state`` can be.
        public static let states = [running] + StreamEnd.State.allCases.map(\.rawValue)
    }

    public let id: StreamID
    public let request: Generation.Request
    public let log: EventLog
    /// Milliseconds since 1970 at the request.
    public let created: Int
    private let mutable: Mutex<(progress: Progress, stop: (@Sendable () -> Void)?)>

    init(id: StreamID, request: Generation.Request, dialect: String, log: EventLog, created: Int) {
        self.id = id
        self.request = request
        self.log = log
        self.created = created
        mutable = Mutex((Progress(model: request.model, dialect: dialect), nil))
    }

    public var progress: Progress { mutable.withLock { $0.progress } }

    /// Where it comes from, which decides who may read and stop it.
    public var origin: StreamOrigin { StreamOrigin(owner: request.owner, channel: request.channel) }

    /// How many subscribe to it, not counting those of its channels.
    public var subscriberCount: Int { log.readerCount }

    /// Changes what is known: a few times in a stream's life, never per token.
    func update(_ change: (inout Progress) -> Void) {
        mutable.withLock { change(&$0.progress) }
    }

    // MARK: Stopping

    /// Says how the stream is stopped; forgotten at its end.
    public func onCancel(_ stop: @escaping @Sendable () -> Void) {
        mutable.withLock { if $0.progress.end == nil { $0.stop = stop } }
    }

    /// Stops the stream, on its own loop and soon; nothing happens where it is over.
    public func cancel() {
        let stop = mutable.withLock { $0.stop.take() }
        stop?()
    }

    func ended(_ end: StreamEnd, _ fold: MessageFold, at time: Int) {
        mutable.withLock {
            $0.progress.end = end
            $0.progress.usage = fold.usage
            $0.progress.finish = fold.finishReason
            $0.progress.ended = time
            $0.stop = nil
        }
    }
}
