import Broadcast

/// Who asks, and what it may do.
enum Principal: Sendable {
    /// No keys are configured: whoever reaches this address may do everything.
    case anyone

    /// The name of the key, which owns the streams that it makes.
    var owner: String? { nil }

    func mayCall(channel: String?) -> Bool { true }
    func maySubscribe(channel: String) -> Bool { true }
    func maySubscribe(to stream: StreamID, _ origin: StreamOrigin) -> Bool { true }
    func mayPublish(channel: String) -> Bool { true }
    func mayCancel(_ origin: StreamOrigin) -> Bool { true }
}
