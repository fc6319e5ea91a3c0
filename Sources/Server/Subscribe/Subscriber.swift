import Broadcast
import EventLoops
import NIOCore
import NIOHTTP1
import Upstream

/// Opens subscriptions: finds the log, then answers as an event stream or as a WebSocket.
enum Subscriber {
    static func begin(_ resource: SubscriptionRequest.Resource, _ context: APIRequest) -> (any Responder)? {
        let request = SubscriptionRequest(resource: resource, query: context.query, head: context.head)
        let (server, connection, writer) = (context.server, context.connection, context.writer)
        let eventLoop = context.eventLoop
        do throws(SubscriptionRequest.Refusal) {
            let wantsSocket = context.wantsSocket
            let subprotocol = try wantsSocket ? Subprotocol(of: context.head, view: request.view) : nil
            let terms = try request.terms(view: subprotocol?.view)
            let isLongPoll = !wantsSocket && context.query["live"] == "long-poll"
            guard isLongPoll || !context.query.isGiven("timeout") else {
                throw .init(status: 400, message: "timeout is for live=long-poll")
            }
            let source = try source(of: request, terms, server)
            if isLongPoll { return longPoll(source, terms, context) }
            if !wantsSocket, !context.query.isGiven("live"), request.representation == .snapshot {
                return try snapshot(of: resource, context)
            }
            if !wantsSocket, let log = source.log, case .after(let token) = terms.position,
                token.epoch == log.epoch, log.isOver(after: token.sequence, in: terms.view)
            {
                // Nothing is left to come; 204 is what stops a browser's EventSource from asking again.
                writer.head(ResponseHead(status: 204))
                writer.end()
                return nil
            }
            guard request.head.method == .GET else {
                writer.reply(
                    ResponseHead(status: 200, headers: EventStreamSubscriber.headers(for: source.streamID)),
                    .init()
                )
                return nil
            }
            let silence = server.configuration.heartbeat
            let subscription = Subscription(source, terms, server, eventLoop, heartbeatAfter: silence)
            if wantsSocket, let target = SessionTarget(resource) {
                return webSocket(context, subprotocol, (target, subscription))
            }
            guard server.subscribers.enter() else {
                context.refuse(APIRefusal.tooManySubscribers)
                return nil
            }
            return EventStreamSubscriber(subscription, server, connection, writer, eventLoop)
        } catch {
            let headers = error.retryAfter.map { [HeaderField("retry-after", "\($0)")] } ?? []
            context.refuse(error.status, error.message, code: error.code, headers: headers)
            return nil
        }
    }

    /// Answers with what the stream or channel is now.
    private static func snapshot(
        of resource: SubscriptionRequest.Resource,
        _ context: APIRequest
    ) throws(SubscriptionRequest.Refusal) -> (any Responder)? {
        switch resource {
        case .stream(let text):
            guard let record = StreamID(text).flatMap({ context.server.hub.record(of: $0) }) else {
                throw missing(stream: text)
            }
            return context.replySnapshot(of: record)
        case .channel(let name):
            guard let channel = context.server.hub.channel(named: name) else { throw missing(channel: name) }
            return context.replySnapshot(of: channel)
        }
    }

    private static func missing(stream text: String) -> SubscriptionRequest.Refusal {
        .init(status: 404, message: APIRefusal.noStream(text).message)
    }

    private static func missing(channel name: String) -> SubscriptionRequest.Refusal {
        guard EventChannel.isValid(name: name) else {
            return .init(status: 404, message: "'\(name)' can't name a channel")
        }
        let message = "this node has as many channels as it takes; come back later"
        return .init(status: 503, message: message, code: "too_many", retryAfter: 60)
    }

    /// Makes the connection a WebSocket without a subscription, to be told what to read.
    static func bareWebSocket(_ request: APIRequest) -> (any Responder)? {
        do throws(SubscriptionRequest.Refusal) {
            let subprotocol = try Subprotocol(bare: request.head)
            return webSocket(request, subprotocol)
        } catch {
            request.refuse(error.status, error.message)
            return nil
        }
    }

    /// Makes the connection a WebSocket.
    ///
    /// - Parameters:
    ///   - subprotocol: what is spoken; nil where nothing is agreed on.
    ///   - initial: the subscription to begin with; nil for none.
    static func webSocket(
        _ request: APIRequest,
        _ subprotocol: Subprotocol?,
        _ initial: (target: SessionTarget, subscription: Subscription)? = nil
    ) -> (any Responder)? {
        let (server, eventLoop) = (request.server, request.eventLoop)
        do throws(WebSocketHandshake.Refusal) {
            let handshake = try WebSocketHandshake(request.head, subprotocol: subprotocol?.rawValue)
            let actions = SessionActions(server: server, caller: request.caller, headers: request.head.headers)
            let limits = WebSocketConnection.Limits(stall: server.configuration.stallTimeout)
            return WebSocketUpgrade(handshake, request.connection) {
                let session = SessionConnection(server, actions, eventLoop, subprotocol, initial: initial)
                return WebSocketConnection(session, server.pings[eventLoop], limits: limits)
            }
        } catch {
            let headers = error.status == 426 ? [HeaderField("sec-websocket-version", "13")] : []
            request.refuse(error.status, error.message, headers: headers)
            return nil
        }
    }

    private static func longPoll(
        _ source: Source,
        _ terms: SubscriptionRequest.Terms,
        _ context: APIRequest
    ) -> (any Responder)? {
        let server = context.server
        guard context.head.method == .GET else {
            context.reply([])
            return nil
        }
        guard server.subscribers.enter() else {
            context.refuse(APIRefusal.tooManySubscribers)
            return nil
        }
        return LongPoll(context, Subscription(source, terms, server, context.eventLoop), terms)
    }

    /// Where the events come from.
    enum Source {
        case stream(EventLog)
        case channel(EventLog)
        /// The channel's generation that runs now, or the next: for views that show one at a time.
        case currentGeneration(EventChannel)

        init(_ channel: EventChannel, in view: View) {
            self = view.interleaves ? .channel(channel.log) : .currentGeneration(channel)
        }

        /// The log, where it is known.
        var log: EventLog? {
            switch self {
            case .stream(let log), .channel(let log): log
            case .currentGeneration: nil
            }
        }

        /// The stream that is asked for by its id.
        var streamID: StreamID? {
            if case .stream(let log) = self { log.epoch } else { nil }
        }
    }

    private static func source(
        of request: SubscriptionRequest,
        _ terms: SubscriptionRequest.Terms,
        _ server: ServerContext
    ) throws(SubscriptionRequest.Refusal) -> Source {
        switch request.resource {
        case .stream(let text):
            guard let id = StreamID(text), let log = server.hub.stream(id) else {
                throw missing(stream: text)
            }
            return .stream(log)
        case .channel(let name):
            guard let channel = server.hub.channel(named: name) else { throw missing(channel: name) }
            return Source(channel, in: terms.view)
        }
    }
}

extension Subscriber.Source {
    /// Calls `body` with the log on `eventLoop`: at once where it is known; with nil where the node stops before it is.
    ///
    /// - Parameter terms: what its reader has already, and in which view.
    /// - Returns: what ends the wait where it isn't known yet.
    func resolve(
        _ terms: SubscriptionRequest.Terms,
        on eventLoop: EpollLoop,
        _ body: @escaping (EventLog?) -> Void
    ) -> (@Sendable () -> Void)? {
        switch self {
        case .stream(let log), .channel(let log):
            body(log)
            return nil
        case .currentGeneration(let channel):
            let bound = NIOLoopBound(body, eventLoop: eventLoop)
            var token: ResumeToken?
            if case .after(let found) = terms.position { token = found }
            let wait = channel.currentStream(after: token, in: terms.view)
            wait.stream.hop(to: eventLoop).whenComplete { bound.value(try? $0.get()) }
            return wait.cancel
        }
    }
}
