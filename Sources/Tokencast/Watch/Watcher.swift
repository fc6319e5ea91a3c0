import NIOCore
import NIOPosix
import ServerSentEvents
import Synchronization
import Upstream

/// Follows a stream or a channel of a running Tokencast and hands on its events; it resumes by itself when cut off.
public final class Watcher: Sendable {
    /// Why watching ended with an error.
    public struct Failure: Error, Sendable, CustomStringConvertible {
        public let description: String
    }

    /// What is watched.
    public enum Subject: Sendable, Hashable {
        case stream(String)
        case channel(String)

        /// A stream's id is 36 characters of base 32; anything else names a channel.
        public init(_ text: String) {
            let isID =
                text.utf8.count == 36 && text.utf8.allSatisfy { (48...57).contains($0) || (97...118).contains($0) }
            self = isID ? .stream(text) : .channel(text)
        }

        var path: String {
            switch self {
            case .stream(let id): "/streams/\(id)"
            case .channel(let name): "/channels/\(name)"
            }
        }
    }

    private let subject: Subject
    private let base: String
    private let since: String

    /// - Parameters:
    ///   - base: where Tokencast listens: `http://127.0.0.1:8653`.
    ///   - since: `earliest`, `now` or a token.
    public init(_ subject: Subject, base: String, since: String) {
        self.subject = subject
        self.base = base.hasSuffix("/") ? String(base.dropLast()) : base
        self.since = since
    }

    /// Calls `onEvent` with each event until the stream ends or the task is cancelled.
    public func run(_ onEvent: @escaping @Sendable (WatchedEvent) -> Void) async throws {
        let engine = try UpstreamEngine()
        defer { engine.shutdown() }
        let eventLoop = MultiThreadedEventLoopGroup.singleton.any()
        var lastID: String?
        while !Task.isCancelled {
            let id = lastID
            let outcome = await follow(engine, eventLoop, after: id, onEvent)
            lastID = outcome.lastID ?? lastID
            switch outcome.status {
            case 200 where outcome.failure == nil:
                if case .stream = subject { return }
            case 204:
                return
            case 200, nil, 503:
                // Never connected: say so at once. Cut off: come back.
                if lastID == nil, let failure = outcome.failure {
                    throw Failure(description: "\(base): \(failure.message)")
                }
            case let status?:
                throw Failure(description: "\(base)\(subject.path) answered \(status): \(outcome.text)")
            }
            try await Task.sleep(for: .seconds(1))
        }
    }

    private func follow(
        _ engine: UpstreamEngine,
        _ eventLoop: any EventLoop,
        after id: String?,
        _ onEvent: @escaping @Sendable (WatchedEvent) -> Void
    ) async -> WatchReceiver.Outcome {
        var request = UpstreamRequest(method: "GET", url: "\(base)\(subject.path)?since=\(since)")
        request.headers = [HeaderField("accept", "text/event-stream")]
        if let id { request.headers.append(HeaderField("last-event-id", id)) }
        request.timeouts.firstByte = .seconds(60)
        request.timeouts.idle = .seconds(60)
        let order = request
        let promise = eventLoop.makePromise(of: WatchReceiver.Outcome.self)
        let transfer = Mutex<UpstreamTransfer?>(nil)
        return await withTaskCancellationHandler {
            eventLoop.execute {
                let receiver = WatchReceiver(promise, onEvent)
                let started = engine.start(order, on: eventLoop, receiver: receiver)
                transfer.withLock { $0 = started }
            }
            return (try? await promise.futureResult.get()) ?? WatchReceiver.Outcome()
        } onCancel: {
            eventLoop.execute {
                transfer.withLock { $0 }?.cancel()
                promise.succeed(WatchReceiver.Outcome())
            }
        }
    }
}

/// One event as a subscriber gets it.
public struct WatchedEvent: Sendable, Hashable {
    /// `start`, `delta`, `usage`, `end`, `reset`.
    public var name: String
    /// The resume token.
    public var id: String
    /// JSON.
    public var data: String
}
