import Broadcast
import Dialects
import EventLoops
import NIOCore
import Upstream

/// Streams that run without a caller.
enum DetachedStream {
    /// Begins one: it goes where a proxied request of its path and model would go, and runs to its end, whoever reads it.
    ///
    /// It is there when this returns, before its upstream has answered. What can be refused at once is: a request that no
    /// route takes, no tape answers, no address is known for. Call it on `eventLoop`, which will be the stream's.
    static func create(
        _ request: DetachedRequest,
        _ caller: Caller,
        _ server: ServerContext,
        on eventLoop: EpollLoop
    ) throws(APIRefusal) -> StreamRecord {
        guard !server.isDraining else { throw .draining }
        var request = request
        // The key that asks isn't among the headers any more, but may have been written among those to send.
        server.configuration.access.removeKeys(of: caller, from: &request.headers, query: &request.target.query)
        let target = request.target
        guard caller.principal.mayCall(channel: target.options.channel) else {
            throw .forbidden("this key may not send requests, or not to this channel")
        }
        let body = request.body ?? []
        let peek = RequestPeek(path: target.path, query: target.query, body: ByteBuffer(bytes: body))
        guard let destination = server.configuration.destination(path: target.path, model: peek.model) else {
            throw APIRefusal(Destination.missing(request.method, target.path, peek.model), 404)
        }
        var order = Exchange.Order(
            method: request.method,
            destination: destination,
            query: target.query,
            headers: request.headers,
            body: request.body.map { .bytes($0) } ?? .none,
            bytes: body,
            peek: peek,
            options: target.options
        )
        order.caller = caller
        order.isDetached = true
        if let error = Exchange.teeRefusal(order, server) { throw APIRefusal(error, 400) }
        let exchange = Exchange(order, server: server, caller: nil, eventLoop: eventLoop)
        exchange.start()
        if let error = exchange.refusal { throw APIRefusal(error, error.status ?? 404) }
        guard let record = exchange.generation?.record else {
            throw APIRefusal(500, "internal", "the stream could not be begun")
        }
        return record
    }
}

extension APIRefusal {
    fileprivate init(_ error: StreamError, _ status: Int) {
        self.init(status, error.code ?? "invalid_request", error.message)
    }
}
