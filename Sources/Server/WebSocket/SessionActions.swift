import Broadcast
import Dialects
import EventLoops
import NIOCore
import NIOHTTP1

/// What a socket's commands do to the node, and whether its reader may: the same as the HTTP routes do.
struct SessionActions {
    let server: ServerContext
    let caller: Caller

    /// The headers that the socket was opened with: their credentials go along with what is created.
    let headers: HTTPHeaders

    private var principal: Principal { caller.principal }

    /// Why something can't be subscribed to; nil where it can.
    func refusal(of target: SessionTarget) -> SessionError? {
        switch target {
        case .channel(let name):
            guard principal.maySubscribe(channel: name) else {
                return SessionError(.forbidden, "this key or link may not subscribe to the channel '\(name)'")
            }
            guard server.hub.channel(named: name) == nil else { return nil }
            return SessionError(.unknownChannel, "there is no channel '\(name)', and it can't be made")
        case .stream(let id):
            guard let record = server.hub.record(of: id) else {
                return SessionError(APIRefusal.noStream(id.description), otherwise: .unknownStream)
            }
            guard !principal.maySubscribe(to: id, record.origin) else { return nil }
            return SessionError(.forbidden, "this key or link may not read the stream '\(id)'")
        }
    }

    /// Where the events of a subscription come from; nil where that isn't there any more.
    func source(of target: SessionTarget, _ view: View) -> Subscriber.Source? {
        switch target {
        case .channel(let name):
            server.hub.channel(named: name).map { Subscriber.Source($0, in: view) }
        case .stream(let id):
            server.hub.stream(id).map { .stream($0) }
        }
    }

    /// Does what isn't done on the spot, as a rule.
    ///
    /// - Parameter done: called once with the answer, on `eventLoop`.
    func run(
        _ operation: WebSocketSession.Operation,
        ref: JSONValue?,
        on eventLoop: EpollLoop,
        _ done: @escaping (SessionAnswer) -> Void
    ) {
        do throws(SessionError) {
            switch operation {
            case .publish(let channel, let name, let data):
                try publish(to: channel, ref, eventLoop, done) { limits throws(APIRefusal) in
                    try PublishedEvent(data, as: name, limits)
                }
            case .publishCloudEvent(let channel, let event):
                try publish(to: channel, ref, eventLoop, done) { limits throws(APIRefusal) in
                    try PublishedEvent(event, as: nil, limits)
                }
            case .create(let order): try create(order, ref, eventLoop, done)
            case .cancel(let id): try cancel(id, ref, eventLoop, done)
            }
        } catch {
            done(.error(error, ref: ref))
        }
    }

    private func publish(
        to channel: String,
        _ ref: JSONValue?,
        _ eventLoop: EpollLoop,
        _ done: @escaping (SessionAnswer) -> Void,
        _ make: (Limits) throws(APIRefusal) -> PublishedEvent
    ) throws(SessionError) {
        do throws(APIRefusal) {
            let published = try Publisher.publish(to: channel, principal, server) { limits throws(APIRefusal) in
                [try make(limits)]
            }
            let bound = NIOLoopBound(done, eventLoop: eventLoop)
            published.hop(to: eventLoop).whenComplete { result in
                switch result {
                case .success(let tokens):
                    var answer = SessionAnswer("published", ref: ref)
                    answer.add("id", tokens[0].description)
                    bound.value(answer)
                case .failure(let error):
                    let refusal = error as? APIRefusal ?? .draining
                    bound.value(.error(SessionError(refusal, otherwise: .badCommand), ref: ref))
                }
            }
        } catch {
            throw SessionError(error, otherwise: .badCommand)
        }
    }

    private func create(
        _ order: JSONValue,
        _ ref: JSONValue?,
        _ eventLoop: EpollLoop,
        _ done: @escaping (SessionAnswer) -> Void
    ) throws(SessionError) {
        do throws(APIRefusal) {
            let request = try DetachedRequest(order, caller: headers)
            let record = try DetachedStream.create(request, caller, server, on: eventLoop)
            let bound = NIOLoopBound(done, eventLoop: eventLoop)
            record.log.snapshot(on: eventLoop).whenComplete { result in
                guard let snapshot = try? result.get() else {
                    return bound.value(.error(SessionError(.draining, otherwise: .goingAway), ref: ref))
                }
                var answer = SessionAnswer("created", ref: ref)
                answer.add("stream", record.id.description)
                answer.add("data", json: snapshot.json { record.appendResource(to: &$0) })
                bound.value(answer)
            }
        } catch {
            throw SessionError(error, otherwise: error.status == 404 ? .noRoute : .badCommand)
        }
    }

    private func cancel(
        _ id: StreamID,
        _ ref: JSONValue?,
        _ eventLoop: EpollLoop,
        _ done: @escaping (SessionAnswer) -> Void
    ) throws(SessionError) {
        do throws(APIRefusal) {
            let stopped = try StreamCancellation.cancel(id.description, principal, server.hub)
            let bound = NIOLoopBound(done, eventLoop: eventLoop)
            stopped.hop(to: eventLoop).whenComplete { _ in
                var answer = SessionAnswer("cancelled", ref: ref)
                answer.add("stream", id.description)
                bound.value(answer)
            }
        } catch {
            throw SessionError(error, otherwise: .unknownStream)
        }
    }
}

extension SessionError {
    /// What HTTP routes answer, in the words of sockets.
    ///
    /// - Parameter otherwise: the code of what has no word of its own.
    init(_ refusal: APIRefusal, otherwise: Code) {
        let code: Code =
            switch refusal.status {
            case 401, 403: .forbidden
            case 413: .tooBig
            case 429: .rateLimited
            case 503: refusal.code == APIRefusal.draining.code ? .goingAway : .tooMany
            default: otherwise
            }
        self.init(code, refusal.message)
    }
}
