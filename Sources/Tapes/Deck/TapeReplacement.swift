import Dialects
import Synchronization

/// A tape that was there before the run, by what tells its file from a newer one of the same name.
package struct StaleTape: Sendable {
    /// The file's name within the scope's directory.
    var name: String
    var identity: FileIdentity
    /// The key of its request under the cassette's rules; nil where the file can't be read.
    var key: String?
}

/// The older tapes of a scope, which its next recording takes the place of.
///
/// They stay where they are until the first new tape is whole: a run that dies before has lost nothing. Which ones they
/// are is decided when the run begins, so what another process records meanwhile is not among them.
final class TapeReplacement: Sendable {
    /// How much of what is there a recording replaces.
    enum Extent: Sendable {
        /// All tapes of the scope.
        case scope
        /// Those of the same key only.
        case key
    }

    private let stale: [StaleTape]
    private let used = Atomic(false)

    init(_ stale: [StaleTape]) {
        self.stale = stale
    }

    /// Whether a recording has begun that replaces them.
    var isUsed: Bool { used.load(ordering: .relaxed) }

    func use() { used.store(true, ordering: .relaxed) }

    /// The tapes that a recording with this key replaces.
    func tapes(_ extent: Extent, key: String) -> [StaleTape] {
        switch extent {
        case .scope: stale
        case .key: stale.filter { $0.key?.hasSameBytes(as: key) == true }
        }
    }
}
