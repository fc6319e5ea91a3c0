import Broadcast
import Dialects
import NIOCore

/// Publishes events of one's own to channels.
enum Publisher {
    /// Appends events to a channel, which is made where it isn't there yet: all of them, one behind the other, or none.
    ///
    /// - Parameter make: makes them, once it is known that the caller may.
    /// - Returns: their ids. It fails with an ``APIRefusal``.
    static func publish(
        to name: String,
        _ principal: Principal,
        _ server: ServerContext,
        _ make: (Limits) throws(APIRefusal) -> [PublishedEvent]
    ) throws(APIRefusal) -> EventLoopFuture<[ResumeToken]> {
        guard !server.isDraining else { throw .draining }
        guard EventChannel.isValid(name: name) else {
            throw APIRefusal(400, "invalid_channel", EventChannel.refusal(ofName: name))
        }
        guard principal.mayPublish(channel: name) else {
            throw .forbidden("this key may not publish to the channel '\(name)'")
        }
        let events = try make(server.configuration.limits)
        server.hub.keepWithinBudget()
        guard !server.hub.isFull else {
            throw APIRefusal(503, "too_many", "this node holds as many events as it may", retryAfter: 60)
        }
        return try append(events, to: name, server.hub, isRetried: false)
    }

    private static func append(
        _ events: [PublishedEvent],
        to name: String,
        _ hub: Hub,
        isRetried: Bool
    ) throws(APIRefusal) -> EventLoopFuture<[ResumeToken]> {
        guard let channel = hub.channel(named: name) else {
            throw APIRefusal(503, "too_many", "this node has as many channels as it takes", retryAfter: 60)
        }
        return channel.publish(events).flatMapError { error in
            let loop = channel.log.eventLoop
            switch error {
            case let refusal as PublishRefusal:
                return loop.makeFailedFuture(
                    APIRefusal(
                        429,
                        "rate_limited",
                        "the channel takes no more events for now",
                        retryAfter: refusal.seconds
                    )
                )
            case is ChannelClosed where !isRetried:
                // It was let go of between our finding it and now, having been idle: it is made anew.
                do throws(APIRefusal) {
                    return try append(events, to: name, hub, isRetried: true).hop(to: loop)
                } catch {
                    return loop.makeFailedFuture(error)
                }
            default:
                return loop.makeFailedFuture(APIRefusal.draining)
            }
        }
    }
}

extension PublishedEvent {
    /// - Parameters:
    ///   - data: any JSON value; it is written on one line, numbers as they were.
    ///   - name: what an event stream calls it; nil for `message`.
    init(_ data: JSONValue, as name: String?, _ limits: Limits) throws(APIRefusal) {
        let bytes = data.jsonBytes
        guard bytes.count <= limits.publishBytes else {
            throw APIRefusal(413, "too_large", "an event's data are \(limits.publishBytes) bytes at most")
        }
        guard let event = PublishedEvent(name: name ?? Self.defaultName, data: bytes) else {
            throw .invalid(eventName: name ?? "")
        }
        self = event
    }

    /// - Parameter name: what an event stream calls it; nil for its type, or `message` where that can't be.
    init(_ event: CloudEvent, as name: String?, _ limits: Limits) throws(APIRefusal) {
        guard let event = PublishedEvent(event, name: name) else { throw .invalid(eventName: name ?? "") }
        guard event.byteCount <= limits.publishBytes else {
            let limit = "\(limits.publishBytes) bytes at most as JSON, attributes included"
            throw APIRefusal(413, "too_large", "a CloudEvent is \(limit)")
        }
        self = event
    }
}

extension APIRefusal {
    fileprivate static func invalid(eventName name: String) -> APIRefusal {
        APIRefusal(
            400,
            "invalid_event",
            "an event can't be called '\(name)': 1 to 128 of ASCII letters, digits, . _ - :, and no name that events of "
                + "streams have"
        )
    }

    init(_ problem: CloudEvent.Problem) { self.init(400, "invalid_cloudevent", "\(problem)") }
}
