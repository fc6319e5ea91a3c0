import Broadcast
import Dialects
import NIOHTTP1

extension Router {
    /// Publishes what the body holds, in whatever form.
    func publish(_ request: APIRequest) -> (any Responder)? {
        let form = PublishForm(request.head.headers)
        let limit = form.limit(server.configuration)
        let name = request.query.isGiven("event") ? request.query["event"] : nil
        switch form {
        case .data:
            return request.readJSON(atMost: limit) { value in
                publish(request, isBatch: false) { limits throws(APIRefusal) in
                    [try PublishedEvent(value, as: name, limits)]
                }
            }
        case .structured:
            return request.readJSON(atMost: limit) { value in
                publish(request, isBatch: false) { limits throws(APIRefusal) in
                    [
                        try PublishedEvent(
                            try Self.checked { () throws(CloudEvent.Problem) in try CloudEvent(json: value) },
                            as: name,
                            limits
                        )
                    ]
                }
            }
        case .batch:
            return request.readJSON(atMost: limit) { value in
                publish(request, isBatch: true) { limits throws(APIRefusal) in
                    let events = try Self.checked { () throws(CloudEvent.Problem) in
                        try CloudEvent.batch(json: value, atMost: limits.publishBurst)
                    }
                    return try events.map { event throws(APIRefusal) in try PublishedEvent(event, as: name, limits) }
                }
            }
        case .binary:
            return request.readBody(atMost: limit) { body in
                publish(request, isBatch: false) { limits throws(APIRefusal) in
                    let event = try Self.checked { () throws(CloudEvent.Problem) in
                        try CloudEvent(headers: request.head.headers.map { ($0.name, $0.value) }, body: body)
                    }
                    return [try PublishedEvent(event, as: name, limits)]
                }
            }
        case .unknown(let type):
            let known = "\(CloudEvent.mediaType) and \(CloudEvent.batchMediaType)"
            request.refuse(
                APIRefusal(415, "unsupported_media_type", "CloudEvents are taken as \(known), not as '\(type)'")
            )
            return nil
        }
    }

    private static func checked<Value>(_ body: () throws(CloudEvent.Problem) -> Value) throws(APIRefusal) -> Value {
        do throws(CloudEvent.Problem) {
            return try body()
        } catch {
            throw APIRefusal(error)
        }
    }

    private func publish(
        _ request: APIRequest,
        isBatch: Bool,
        _ make: (Limits) throws(APIRefusal) -> [PublishedEvent]
    ) -> (any Responder)? {
        answering(request) { () throws(APIRefusal) in
            let name = request.variables["name"] ?? ""
            let published = try Publisher.publish(to: name, request.principal, server, make)
            return DeferredResponder(published, on: request.eventLoop) { result in
                switch result {
                case .success(let tokens):
                    let ids = tokens.map { JSONValue.string($0.description) }
                    request.reply(isBatch ? .object([("ids", .array(ids))]) : .object([("id", ids[0])]), status: 202)
                case .failure(let error): request.refuse(error as? APIRefusal ?? .draining)
                }
            }
        }
    }
}
