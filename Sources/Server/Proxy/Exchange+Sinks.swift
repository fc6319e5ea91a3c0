import Broadcast
import Dialects

extension Exchange.Order {
    /// What sinks are chosen by.
    func sinkRequest(_ dialect: Dialect) -> SinkRequest {
        let request = Generation.Request(
            method: method,
            path: path,
            model: peek.model,
            channel: options.channel,
            owner: caller.principal.owner,
            upstream: upstream.name
        )
        return SinkRequest(request: request, upstream: upstream.name, dialect: dialect.name, tee: options.tee)
    }
}

extension Exchange {
    func makeSinks(_ request: SinkRequest) -> [any GenerationSink] {
        guard let sinks = server.sinks else { return [] }
        return sinks.makeSinks(for: request, secrets: secrets)
    }

    /// Why the request can't have the tee that it names; nil where it can, or names none.
    static func teeRefusal(_ order: Order, _ server: ServerContext) -> StreamError? {
        guard let tee = order.options.tee else { return nil }
        let request = order.sinkRequest(order.destination.dialect)
        let message =
            if let sinks = server.sinks { sinks.refusal(of: request) } else {
                "no tee '\(tee)' is configured" as String?
            }
        return message.map { StreamError(message: $0, type: "invalid_request_error", code: "tee_not_allowed") }
    }
}
