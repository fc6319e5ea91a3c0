import Broadcast
import Dialects
import NIOCore

/// Publishes events of one's own to channels.
enum Publisher {
    /// Appends an event to a channel, which is made where it isn't there yet.
    ///
    /// - Parameters:
    ///   - data: any JSON value; it is written on one line, numbers as they were.
    ///   - event: what an event stream calls it; nil for `message`.
    /// - Returns: the event's id. It fails with an ``APIRefusal``.
    static func publish(
        _ data: JSONValue,
        as event: String?,
        to name: String,
        _ principal: Principal,
        _ server: ServerContext
    ) throws(APIRefusal) -> EventLoopFuture<ResumeToken> {
        guard !server.isDraining else { throw .draining }
        guard EventChannel.isValid(name: name) else {
            throw APIRefusal(400, "invalid_channel", EventChannel.refusal(ofName: name))
        }
        guard principal.mayPublish(channel: name) else {
            throw .forbidden("this key may not publish to the channel '\(name)'")
        }
        let limit = server.configuration.limits.publishBytes
        let bytes = data.jsonBytes
        guard bytes.count <= limit else {
            throw APIRefusal(413, "too_large", "an event's data are \(limit) bytes at most")
        }
        guard let event = PublishedEvent(name: event ?? PublishedEvent.defaultName, data: bytes) else {
            throw APIRefusal(
                400,
                "invalid_event",
                "an event can't be called '\(event ?? "")': 1 to 128 of ASCII letters, digits, . _ - :, and no name that "
                    + "events of streams have"
            )
        }
        server.hub.keepWithinBudget()
        guard !server.hub.isFull else {
            throw APIRefusal(503, "too_many", "this node holds as many events as it may", retryAfter: 60)
        }
        return try append(event, to: name, server.hub, isRetried: false)
    }

    private static func append(
        _ event: PublishedEvent,
        to name: String,
        _ hub: Hub,
        isRetried: Bool
    ) throws(APIRefusal) -> EventLoopFuture<ResumeToken> {
        guard let channel = hub.channel(named: name) else {
            throw APIRefusal(503, "too_many", "this node has as many channels as it takes", retryAfter: 60)
        }
        return channel.publish(event).flatMapError { error in
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
                    return try append(event, to: name, hub, isRetried: true).hop(to: loop)
                } catch {
                    return loop.makeFailedFuture(error)
                }
            default:
                return loop.makeFailedFuture(APIRefusal.draining)
            }
        }
    }
}
