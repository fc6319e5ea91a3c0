import Broadcast

/// Who asks, and what it may do.
enum Principal: Sendable, Hashable {
    /// No keys are configured: whoever reaches this address may do everything.
    case anyone
    /// Whoever shows this key.
    case key(AccessKey)
    /// Whoever has a signed link: it gives reading of one stream or channel.
    case link(LinkResource, expires: Int)
    /// Nobody who is known.
    case none

    /// The name of the key, which owns the streams that it makes.
    var owner: String? {
        if case .key(let key) = self { key.name } else { nil }
    }

    /// Whether it has a scope, on some channel at least.
    ///
    /// A socket outlives many a key: what is asked on it is checked anew each time.
    func may(_ scope: AccessScope, at now: Int = WallClock.seconds) -> Bool {
        switch self {
        case .anyone: true
        case .key(let key): key.has(scope) && !key.isExpired(at: now)
        case .link, .none: false
        }
    }

    /// Whether it may send a request whose stream goes to a channel; every stream is in `all`, so nil asks for none.
    func mayCall(channel: String?, at now: Int = WallClock.seconds) -> Bool {
        guard may(.call, at: now) else { return false }
        guard case .key(let key) = self, let channel, channel != Hub.allChannel else { return true }
        return key.covers(channel: channel)
    }

    func maySubscribe(channel: String, at now: Int = WallClock.seconds) -> Bool {
        if case .link(let resource, let expires) = self { return resource == .channel(channel) && now < expires }
        return may(.subscribe, at: now) && covers(channel)
    }

    /// Whether it may read a stream: the key that made it may, and whoever may read a channel that it is in. One that
    /// named no channel is in `all` alone.
    func maySubscribe(to stream: StreamID, _ origin: StreamOrigin, at now: Int = WallClock.seconds) -> Bool {
        if case .link(let resource, let expires) = self {
            return resource == .stream(stream.description) && now < expires
        }
        if owns(origin, at: now) { return true }
        if let channel = origin.channel, maySubscribe(channel: channel, at: now) { return true }
        return maySubscribe(channel: Hub.allChannel, at: now)
    }

    func mayPublish(channel: String, at now: Int = WallClock.seconds) -> Bool {
        may(.publish, at: now) && covers(channel)
    }

    /// Whether it may stop a stream: the key that made it may, and `admin`.
    func mayCancel(_ origin: StreamOrigin, at now: Int = WallClock.seconds) -> Bool {
        may(.admin, at: now) || owns(origin, at: now)
    }

    private func owns(_ origin: StreamOrigin, at now: Int) -> Bool {
        guard case .key(let key) = self, !key.isExpired(at: now) else { return false }
        return origin.owner == key.name
    }

    private func covers(_ channel: String) -> Bool {
        switch self {
        case .anyone: true
        case .key(let key): key.covers(channel: channel)
        case .link, .none: false
        }
    }
}
