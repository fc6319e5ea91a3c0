import Dialects
import EventLoops
import NIOCore
import Server
import Upstream

/// Sends requests to an upstream, past any server, and gathers the whole answers.
public final class LiveClient: Sendable {
    /// Where requests go, and what is put into them.
    public struct Target: Sendable {
        /// A base URL, with or without `/v1`.
        public var url: String
        /// Put in as the provider wants it; nil for none.
        public var key: String?
        /// The provider's family or the dialect, as in the configuration.
        public var dialect: String?

        public init(url: String, key: String? = nil, dialect: String? = nil) {
            self.url = url
            self.key = key
            self.dialect = dialect
        }
    }

    public struct Request: Sendable {
        public var method: String
        /// Path and query.
        public var target: String
        public var headers: [(name: String, value: String)]
        public var body: [UInt8]

        public init(method: String, target: String, headers: [(name: String, value: String)], body: [UInt8]) {
            self.method = method
            self.target = target
            self.headers = headers
            self.body = body
        }
    }

    /// What came back.
    public struct Answer: Sendable {
        /// Nil where no answer came.
        public internal(set) var status: Int?
        public internal(set) var httpVersion = "1.1"
        public internal(set) var headers: [(name: String, value: String)] = []
        /// Each with its time, in microseconds since the request went out.
        public internal(set) var chunks: [(offset: Int, bytes: [UInt8])] = []
        /// Why it isn't whole; nil where it is.
        public internal(set) var failure: Failure?
    }

    public struct Failure: Error, Sendable, CustomStringConvertible {
        /// The word that tapes use: `connect_failed`, `upstream_reset`, `timeout_idle` …
        public let reason: String
        public let message: String
        /// Whether nobody could be asked: no such host, a refused connection, no TLS.
        public let isUnreachable: Bool

        public var description: String { message }
    }

    private let engine: UpstreamEngine
    private let eventLoop: EpollLoop
    private let base: UpstreamURL
    private let target: Target
    private let limit: Duration

    /// The largest body that is gathered, in bytes.
    static let bodyLimit = 64 << 20

    /// - Parameter timeout: how long an answer may take in all.
    /// - Throws: ``ConfigurationError`` where the URL is none, or the system has no thread left.
    public init(_ target: Target, timeout: Duration) throws(ConfigurationError) {
        guard let base = UpstreamURL(target.url) else {
            throw ConfigurationError("'\(target.url)' must be http://HOST or https://HOST, with a path at most")
        }
        do {
            eventLoop = try EpollLoopGroup.shared()
        } catch {
            throw ConfigurationError("no request can be sent: \(error)")
        }
        engine = UpstreamEngine()
        self.base = base
        self.target = target
        limit = timeout
    }

    /// Ends what runs; nothing can be sent afterwards.
    public func shutdown() { engine.shutdown() }

    /// Whose request it is: as the configuration says, else as its path tells.
    private func family(of target: String) -> ProviderFamily {
        let path = String(target.prefix { $0 != "?" })
        return (self.target.dialect.flatMap(UpstreamDialect.init) ?? UpstreamDialect(.matching(path: path))).family
    }

    /// Sends a request and waits for the end of its answer.
    public func send(_ request: Request) async -> Answer {
        var fields = request.headers.map { HeaderField($0.name, $0.value) }
        fields.append(HeaderField("accept-encoding", "identity"))
        fields.append(HeaderField("user-agent", "tokencast/\(tokencastVersion)"))
        if let key = target.key { fields.append(family(of: request.target).header(for: key)) }
        let order = UpstreamRequest(
            method: request.method,
            url: base.url(for: request.target),
            headers: fields,
            body: request.body.isEmpty ? .none : .bytes(request.body),
            timeouts: UpstreamTimeouts(connect: min(limit, .seconds(10)), firstByte: limit, idle: limit)
        )
        let promise = eventLoop.makePromise(of: Answer.self)
        let (engine, eventLoop) = (engine, eventLoop)
        let deadline = NIODeadline.now() + TimeAmount(limit)
        eventLoop.execute {
            let receiver = AnswerReceiver(promise)
            let transfer = engine.start(order, on: eventLoop, receiver: receiver)
            receiver.begin(transfer, on: eventLoop, deadline: deadline)
        }
        return (try? await promise.futureResult.get()) ?? Answer()
    }
}

/// Gathers one answer. Confined to its event loop.
private final class AnswerReceiver: UpstreamReceiver {
    private let promise: EventLoopPromise<LiveClient.Answer>
    private var answer = LiveClient.Answer()
    private var size = 0
    private var transfer: UpstreamTransfer?
    private var timer: Scheduled<Void>?

    init(_ promise: EventLoopPromise<LiveClient.Answer>) {
        self.promise = promise
    }

    func begin(_ transfer: UpstreamTransfer, on eventLoop: any EventLoop, deadline: NIODeadline) {
        self.transfer = transfer
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        timer = eventLoop.scheduleTask(deadline: deadline) {
            bound.value.give(up: UpstreamFailure(.idleTimeout, "the answer took too long"), as: "timeout_total")
        }
    }

    func head(_ head: UpstreamHead) {
        answer.status = head.status
        answer.httpVersion = head.httpVersion
        answer.headers = head.headers.map { ($0.name, $0.value) }
    }

    func chunk(_ bytes: ByteBuffer, offset: Int) {
        size += bytes.readableBytes
        guard size <= LiveClient.bodyLimit else {
            return give(up: UpstreamFailure(.short, "the answer is larger than \(LiveClient.bodyLimit) bytes"))
        }
        answer.chunks.append((offset, Array(buffer: bytes)))
    }

    func end(_ failure: UpstreamFailure?, offset: Int) { finish(failure, as: failure?.reason.rawValue) }

    func bodyConsumed(_ count: Int) {}
    func turnEnded() {}

    private func give(up failure: UpstreamFailure, as reason: String? = nil) {
        transfer?.cancel()
        finish(failure, as: reason ?? failure.reason.rawValue)
    }

    private func finish(_ failure: UpstreamFailure?, as reason: String?) {
        timer?.cancel()
        timer = nil
        transfer = nil
        if let failure, let reason {
            let unreachable: Set<UpstreamFailure.Reason> = [.dns, .refused, .tls, .connectTimeout, .invalidRequest]
            answer.failure = .init(
                reason: reason,
                message: failure.message,
                isUnreachable: unreachable.contains(failure.reason)
            )
        }
        promise.succeed(answer)
    }
}
