import Broadcast
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
            let terms = try request.terms()
            let wantsSocket = WebSocketHandshake.isWanted(by: request.head)
            let isLongPoll = !wantsSocket && context.query["live"] == "long-poll"
            guard isLongPoll || !context.query.isGiven("timeout") else {
                throw .init(status: 400, message: "timeout is for live=long-poll")
            }
            let source = try source(of: request, terms, server)
            if isLongPoll { return longPoll(source, terms, context) }
            if !wantsSocket, case .log(let log) = source, case .after(let token) = terms.position,
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
            let subscription = Subscription(source, terms, server.hub, eventLoop, heartbeatAfter: silence)
            if wantsSocket, let target = SessionTarget(resource) {
                return webSocket(context, (target, subscription))
            }
            guard server.subscribers.enter() else {
                context.refuse(APIRefusal.tooManySubscribers)
                return nil
            }
            return EventStreamSubscriber(subscription, server, connection, writer, eventLoop)
        } catch {
            context.refuse(error.status, error.message)
            return nil
        }
    }

    /// Makes the connection a WebSocket.
    ///
    /// - Parameter initial: the subscription to begin with; nil for none.
    static func webSocket(
        _ request: APIRequest,
        _ initial: (target: SessionTarget, subscription: Subscription)? = nil
    ) -> (any Responder)? {
        let (server, eventLoop) = (request.server, request.eventLoop)
        do throws(WebSocketHandshake.Refusal) {
            let handshake = try WebSocketHandshake(request.head)
            let actions = SessionActions(server: server, principal: request.principal, headers: request.head.headers)
            let limits = WebSocketConnection.Limits(stall: server.configuration.stallTimeout)
            return WebSocketUpgrade(handshake, request.connection) {
                let session = SessionConnection(server, actions, eventLoop, initial: initial)
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
        var source = source
        var since: String?
        var isStream = true
        if case .after(let token) = terms.position { since = token.description }
        if case .currentGeneration(let channel) = source {
            isStream = false
            // Between two requests the channel may have gone on to another stream: the rest of the one is given first.
            if case .after(let token) = terms.position, let record = server.hub.record(of: token.epoch),
                record.request.channel == channel.name || channel.name == Hub.allChannel,
                !record.log.isOver(after: token.sequence, in: terms.view)
            {
                source = .log(record.log)
            }
        }
        let seconds = context.query.seconds("timeout") ?? 30
        return LongPoll(
            context,
            Subscription(source, terms, server.hub, context.eventLoop),
            timeout: .nanoseconds(Int64(seconds * 1e9)),
            since: since,
            endsWithLog: isStream
        )
    }

    /// Where the events come from.
    enum Source {
        case log(EventLog)
        /// The channel's generation that runs now, or the next: for views that show one at a time.
        case currentGeneration(EventChannel)

        var streamID: StreamID? {
            if case .log(let log) = self { return log.epoch }
            return nil
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
                throw .init(status: 404, message: "there is no stream '\(text)', or it ended too long ago")
            }
            return .log(log)
        case .channel(let name):
            guard let channel = server.hub.channel(named: name) else {
                throw .init(status: 404, message: "there is no channel '\(name)', and it can't be made")
            }
            return terms.view.interleaves ? .log(channel.log) : .currentGeneration(channel)
        }
    }
}

extension Hub {
    /// Resolves a source and calls `body` with its log on `eventLoop`: at once where it is known.
    ///
    /// - Returns: what ends the wait where it isn't.
    func resolve(
        _ source: Subscriber.Source,
        _ terms: SubscriptionRequest.Terms,
        on eventLoop: any EventLoop,
        _ body: @escaping (EventLog?) -> Void
    ) -> (@Sendable () -> Void)? {
        switch source {
        case .log(let log):
            body(log)
            return nil
        case .currentGeneration(let channel):
            let bound = NIOLoopBound(body, eventLoop: eventLoop)
            let token = if case .after(let token) = terms.position { token } else { nil as ResumeToken? }
            let wait = channel.currentStream(after: token, in: terms.view)
            wait.stream.hop(to: eventLoop).whenComplete { bound.value(try? $0.get()) }
            return wait.cancel
        }
    }
}
