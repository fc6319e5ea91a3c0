import NIOCore
import Synchronization

/// What upstreams answered of late, so that they aren't asked each time. It holds one answer per upstream.
final class ModelListCache: Sendable {
    private let entries = Mutex<[String: (models: [ListedModel]?, until: NIODeadline)]>([:])
    private let now: @Sendable () -> NIODeadline

    /// A list counts for a minute, a failure for 10 seconds: whoever starts a local server doesn't wait for it.
    private static let age = TimeAmount.seconds(60)
    private static let ageOfFailure = TimeAmount.seconds(10)

    init(now: @escaping @Sendable () -> NIODeadline = { .now() }) {
        self.now = now
    }

    /// The models of an upstream, none where it failed of late; nil where it is to be asked.
    subscript(_ upstream: String) -> [ListedModel]? {
        entries.withLock { entries in
            guard let entry = entries[upstream], entry.until > now() else { return nil }
            return entry.models ?? []
        }
    }

    /// Keeps an answer; nil is a failure.
    func keep(_ models: [ListedModel]?, of upstream: String) {
        let until = now() + (models == nil ? Self.ageOfFailure : Self.age)
        entries.withLock { $0[upstream] = (models, until) }
    }
}
