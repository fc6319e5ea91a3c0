import Synchronization
import Tapes

/// The credentials that the server has seen or puts in, since one exchange's may turn up in another's answer.
///
/// It keeps a bounded number of them: with one too many it begins anew with the latest and the configured ones.
final class SeenSecrets: Sendable {
    static let limit = 256

    private let configured: TapeSecrets
    private let state: Mutex<TapeSecrets>

    /// - Parameter configured: what is always masked: the upstreams' keys.
    init(_ configured: [String]) {
        let secrets = TapeSecrets(configured)
        self.configured = secrets
        state = Mutex(secrets)
    }

    /// All that are known, these included from now on.
    func adding(_ secrets: [String]) -> TapeSecrets {
        state.withLock { known in
            known = known.adding(secrets)
            if known.count > Self.limit { known = configured.adding(secrets) }
            return known
        }
    }
}
