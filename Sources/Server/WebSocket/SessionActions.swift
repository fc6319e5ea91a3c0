import Broadcast
import Dialects
import NIOCore

/// What a socket's commands do to the node, and whether its reader may: the same as the HTTP routes do.
struct SessionActions {
    let server: ServerContext
    let principal: Principal

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
            if let record = server.hub.record(of: id) {
                guard !principal.maySubscribe(to: id, record.origin) else { return nil }
                return SessionError(.forbidden, "this key or link may not read the stream '\(id)'")
            }
            return SessionError(.unknownStream, "there is no stream '\(id)', or it ended too long ago")
        }
    }

    /// Where the events of a subscription come from; nil where that isn't there any more.
    func source(of target: SessionTarget, _ view: View) -> Subscriber.Source? {
        switch target {
        case .channel(let name):
            server.hub.channel(named: name).map { view.interleaves ? .log($0.log) : .currentGeneration($0) }
        case .stream(let id):
            server.hub.stream(id).map { .log($0) }
        }
    }

    /// Does what takes a while.
    ///
    /// - Parameter done: called once with the answer, on `eventLoop`.
    func run(
        _ operation: WebSocketSession.Operation,
        ref: JSONValue?,
        on eventLoop: any EventLoop,
        _ done: @escaping (SessionAnswer) -> Void
    ) {
        switch operation {
        case .publish, .create, .cancel:
            done(.error(SessionError(.forbidden, "this isn't there yet"), ref: ref))
        }
    }
}
