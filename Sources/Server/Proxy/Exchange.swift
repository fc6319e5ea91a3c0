import Broadcast
import Dialects
import EventLoops
import Logging
import NIOCore
import NIOHTTP1
import Tapes
import Upstream

/// One request and its answer: the upstream's bytes go to the caller as they come; beside them stand the generation
/// that reads them and the tape that keeps them.
///
/// It lives until the upstream's side is over, with or without its caller. Confined to one event loop.
final class Exchange {
    /// What is asked, of whom.
    struct Order {
        var method: String
        var destination: Destination
        var query: String?
        var headers: HTTPHeaders
        var body: UpstreamRequest.Body
        /// The body where it is known whole; empty else.
        var bytes: [UInt8]
        var peek: RequestPeek
        var options: RequestTarget.Options
        /// Whose request it is; its key is in neither headers nor query any more.
        var caller = Caller(principal: .anyone)
        /// Whether it runs on its own: nobody waits for its answer.
        var isDetached = false

        var path: String { destination.path }
        var upstream: UpstreamTarget { destination.upstream }
        var tapes: TapeSetting? { destination.tapes }
        var target: String { query.map { "\(path)?\($0)" } ?? path }

        /// Whether a stream may be expected, before any answer tells.
        var isCompletion: Bool {
            if Dialect.matching(path: path).name != Dialect.generic.name { return true }
            return destination.spoken?.dialect != nil && peek.isStream
        }
    }

    let order: Order
    let server: ServerContext
    let eventLoop: EpollLoop
    let dialect: Dialect
    /// Nil once the caller has left or has all, and where there never was one.
    var caller: ResponseWriter?
    var source: (any ExchangeSource)?
    var generation: Generation?
    var recording: TapeRecording?
    /// What came in this turn and isn't with the recorder yet.
    var recorded = RecordedChunks()
    var onBodyConsumed: ((Int) -> Void)?
    var status: Int?
    var bodyBytes = 0
    /// The credentials that came with the request, and all that the server knows beside.
    private(set) lazy var secrets = server.seenSecrets.adding(
        Credentials.secrets(in: order.headers.lazy.map { ($0.name, $0.value) }, query: order.query)
            + (order.caller.shown.map { [$0] } ?? [])
    )
    var isPaused = false
    /// Whether the request's body is with the source, so that it can be answered without the caller.
    private var isUploaded = true
    /// The tape that answers, where one does.
    var playback: TapePlayback?
    /// Whether one should have answered and there is none.
    var isMiss = false
    private var isOver = false
    let started = NIODeadline.now()
    private var interestCheck: RepeatedTask?
    private var interest: Interest
    /// What the server knows a replay by, to end it when it stops.
    var stopTicket: Int?
    /// Why no upstream and no tape was asked; nil where one was.
    private(set) var refusal: StreamError?

    init(_ order: Order, server: ServerContext, caller: ResponseWriter?, eventLoop: EpollLoop) {
        self.order = order
        self.server = server
        self.caller = caller
        self.eventLoop = eventLoop
        dialect = order.destination.dialect
        interest = Interest(order.isDetached ? .drain : order.destination.onDisconnect)
        if case .stream = order.body { isUploaded = false }
        server.exchangeBegan()
    }

    func start() {
        switch order.upstream.kind {
        case .http(let url, let authentication): startUpstream(url, authentication)
        case .unset(let variable):
            expectStream()
            guard order.tapes.map(ask) ?? true else { return }
            refuse(
                StreamError(
                    message: "the upstream '\(order.upstream.name)' has no address: "
                        + "set the environment variable \(variable)",
                    type: "invalid_request_error",
                    code: "upstream_not_configured",
                    status: 404
                )
            )
        case .replay(let setting):
            expectStream()
            // A deck that never records and isn't off never lets a request pass.
            _ = ask(setting)
        }
    }

    /// Where the request tells that this is a completion, subscribers hear of it even if the upstream never answers. Nothing
    /// happens where there is a stream already.
    private func expectStream() {
        guard generation == nil else { return }
        if order.isCompletion || order.isDetached { beginGeneration() }
        if order.isDetached { watchInterest() }
    }

    func send(_ part: ByteBuffer) { source?.send(part) }

    func uploadEnded() {
        isUploaded = true
        source?.send(nil)
    }

    func beginGeneration() {
        let request = order.sinkRequest(dialect)
        let generation = server.hub.makeGeneration(
            request.request,
            dialect: dialect,
            isCertain: order.destination.spoken?.dialect != nil,
            sinks: makeSinks(request),
            on: eventLoop
        )
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        generation.record.onCancel { [eventLoop] in eventLoop.execute { bound.value.stop() } }
        self.generation = generation
    }

    private func startUpstream(_ url: UpstreamURL, _ authentication: UpstreamAuthentication) {
        if let setting = order.tapes {
            expectStream()
            guard ask(setting) else { return }
        }
        var request = UpstreamRequest(
            method: order.method,
            url: url.url(for: order.upstream.target(order.path, query: order.query)),
            headers: HeaderPolicy.upstream(order.headers),
            body: order.body,
            timeouts: order.upstream.timeouts
        )
        do throws(AuthenticationProblem) {
            try authentication.apply(to: &request, of: order.destination.spoken?.family ?? .openai)
        } catch {
            expectStream()
            let message = "the upstream '\(order.upstream.name)' \(error.reason)"
            let type = "invalid_request_error"
            return refuse(StreamError(message: message, type: type, code: error.code, status: error.status))
        }
        source = server.engine.start(request, on: eventLoop, receiver: self)
        // The request is on its way; nothing of the answer is told before this returns.
        expectStream()
    }

    /// Answers in place of an upstream, with the error's status or 404.
    func refuse(_ error: StreamError) {
        let status = error.status ?? 404
        self.status = status
        refusal = error
        // The SDKs' own header for "another try gives the same".
        let headers = [HeaderField("x-should-retry", "false")]
        caller?.reply(error, status: status, headers: headers, in: order.destination.errors)
        caller = nil
        generation?.abandon(StreamEnd(state: .error, error: error))
        finish()
    }

    // MARK: The end

    /// Who answered, for the log: an upstream that wasn't asked didn't.
    private var answerer: String {
        if let playback { return "tape \(playback.item.name)" }
        return isMiss ? "no tape" : order.upstream.name
    }

    /// Ends the upstream's side: nothing comes any more.
    func finish() {
        guard !isOver else { return }
        isOver = true
        interestCheck?.cancel()
        if let stopTicket { server.forget(stopTicket) }
        source = nil
        server.counters.upstreamBytes.add(bodyBytes)
        server.exchangeEnded()
        let duration = Double((NIODeadline.now() - started).nanoseconds / 1000) / 1e6
        server.logger.info(
            "\(order.method) \(secrets.masking(order.path)) → \(answerer) \(status.map(String.init) ?? "-")",
            metadata: [
                "stream": generation.map { "\($0.id)" } ?? "-",
                "state": generation?.end.map { "\($0.state.rawValue)" } ?? "-",
                "seconds": "\(duration)",
            ]
        )
    }

    /// Stops the upstream, because nobody wants the rest.
    func cancel() {
        guard !isOver else { return }
        source?.cancel()
        generation?.abandon(StreamEnd(state: .cancelled, error: StreamError(message: "every reader has left")))
        finishRecording(.cancelled, offset: elapsed)
        finish()
    }

    /// Stops the upstream, because somebody asked for that; the caller is told.
    func stop() {
        guard !isOver else { return }
        source?.cancel()
        let error = StreamError(message: "the stream was stopped on request", type: "cancelled", code: "cancelled")
        let isToldAlready = isCallerTold
        generation?.abandon(StreamEnd(state: .cancelled, error: error))
        finishRecording(.cancelled, offset: elapsed)
        tell(error, status: 409, isToldAlready: isToldAlready)
        caller = nil
        finish()
    }

    // MARK: The caller

    func callerWritable() {
        guard isPaused, let caller, caller.backlog < server.configuration.maximumBacklog / 4 else { return }
        isPaused = false
        source?.resume()
    }

    /// The caller's connection is gone. What others still read or record goes on without it.
    func callerLeft() {
        guard caller != nil else { return }
        caller = nil
        guard !isOver else { return }
        if isPaused {
            isPaused = false
            source?.resume()
        }
        guard isUploaded, goesOn else { return cancel() }
        // Who leaves behind the last event has all there was.
        if generation?.end == nil { recording?.marker(offset: Int64(elapsed), name: "client_cancel") }
        watchInterest()
    }

    /// Microseconds since the request came.
    private var elapsed: Int { Int((NIODeadline.now() - started).nanoseconds / 1000) }

    /// Others go on at their own pace; only the caller, who doesn't read, is dropped.
    func dropCaller() {
        guard let caller else { return }
        self.caller = nil
        caller.abort()
        server.logger.notice(
            "a caller that stopped reading was dropped",
            metadata: ["path": "\(secrets.masking(order.path))"]
        )
        if isPaused {
            isPaused = false
            source?.resume()
        }
        watchInterest()
    }

    /// Looks from time to time who wants the rest, while the caller is gone or keeps the upstream waiting.
    func watchInterest() {
        guard interestCheck == nil, !isOver else { return }
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        interestCheck = eventLoop.scheduleRepeatedTask(
            initialDelay: .milliseconds(250),
            delay: .milliseconds(250)
        ) { _ in bound.value.checkInterest() }
    }

    private func checkInterest() {
        if caller == nil {
            if !goesOn { cancel() }
        } else if !isPaused {
            interestCheck?.cancel()
            interestCheck = nil
        } else if isWanted {
            dropCaller()
        }
    }

    /// Whether it goes on without its caller.
    private var goesOn: Bool {
        interest.goesOn(isWanted: isWanted, isOver: generation?.end != nil, now: .now())
    }

    /// Whether anyone but the caller wants the rest: a subscriber, or a tape.
    var isWanted: Bool {
        if recording?.isActive == true { return true }
        guard let generation, generation.end == nil else { return false }
        return generation.hasReaders
    }
}
