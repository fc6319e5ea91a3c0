import Broadcast

/// What a subscription on a socket is to.
enum SessionTarget: Hashable, Sendable {
    /// The name can be a channel's.
    case channel(String)
    case stream(StreamID)

    /// What a path names; nil where nothing can be called that.
    init?(_ resource: SubscriptionRequest.Resource) {
        switch resource {
        case .channel(let name):
            guard EventChannel.isValid(name: name) else { return nil }
            self = .channel(name)
        case .stream(let text):
            guard let id = StreamID(text) else { return nil }
            self = .stream(id)
        }
    }

    /// The name or the id.
    var name: String {
        switch self {
        case .channel(let name): name
        case .stream(let id): id.description
        }
    }

    /// What a message calls it by.
    var member: StaticString {
        switch self {
        case .channel: "channel"
        case .stream: "stream"
        }
    }
}
