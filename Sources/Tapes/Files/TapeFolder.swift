import Dialects

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The names in a scope's directory, by its descriptor: looked at, given and taken away.
package enum TapeFolder {
    /// Renames without replacing; returns the error's number or 0.
    package static func rename(_ old: String, to new: String, in directory: Int32) -> Int32 {
        rename(old, to: new, in: directory, over: [])
    }

    /// Renames without replacing any but a stale tape; returns the error's number or 0.
    ///
    /// The second name is made before the first is taken away: whoever dies in between leaves a whole tape and a
    /// `.part` that is never served. Where the file system has no links, the reserved `.part` keeps other recorders off
    /// the name, so that looking first is enough.
    static func rename(_ old: String, to new: String, in directory: Int32, over stale: [StaleTape]) -> Int32 {
        if linkat(directory, old, directory, new, 0) == 0 {
            unlinkat(directory, old, 0)
            return 0
        }
        let code = errno
        if code == EEXIST, exists(new, in: directory), !isTaken(new, in: directory, stale) {
            return renameat(directory, old, directory, new) == 0 ? 0 : errno
        }
        guard code == EPERM || code == ENOTSUP || code == ENOSYS || code == EMLINK else { return code }
        if isTaken(new, in: directory, stale) { return EEXIST }
        return renameat(directory, old, directory, new) == 0 ? 0 : errno
    }

    static func exists(_ name: String, in directory: Int32) -> Bool {
        FileIdentity(name, in: directory) != nil
    }

    /// Whether a name stands for something else than a tape that is to be replaced.
    static func isTaken(_ name: String, in directory: Int32, _ stale: [StaleTape]) -> Bool {
        guard let identity = FileIdentity(name, in: directory) else { return false }
        return !stale.contains { $0.identity == identity && $0.name.hasSameBytes(as: name) }
    }

    /// Takes away an older tape, unless its name stands for another file by now or somebody still writes it.
    static func retire(_ tape: StaleTape, in directory: Int32) {
        let isPart = tape.name.hasSuffix(TapeName.partSuffix)
        guard FileIdentity(tape.name, in: directory) == tape.identity, !isPart || isAbandoned(tape.name, in: directory)
        else { return }
        unlinkat(directory, tape.name, 0)
    }

    /// Whether nobody writes a part any more.
    static func isAbandoned(_ part: String, in directory: Int32) -> Bool {
        let file = openat(directory, part, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard file >= 0 else { return false }
        defer { close(file) }
        return flock(file, LOCK_EX | LOCK_NB) == 0
    }

    /// Keeps other recorders from giving out names; false where that can't be had soon.
    static func lock(_ directory: Int32) -> Bool {
        for _ in 0..<20 {
            if flock(directory, LOCK_EX | LOCK_NB) == 0 { return true }
            guard errno == EWOULDBLOCK || errno == EINTR else { return false }
            usleep(1000)
        }
        return false
    }

    /// Opens the scope's directory segment by segment, so that a link in place of one doesn't lead out of the cassette.
    static func open(_ root: String, _ scope: TapeScope, _ path: String) throws(TapeError) -> Int32 {
        // The cassette's parent must be there.
        mkdir(root, 0o700)
        let directory = SafeDirectory.open(root, scope.segments, mode: 0o700)
        guard directory >= 0 else { throw TapeError(.file, "can't be opened: \(FileSystem.lastReason)", file: path) }
        return directory
    }
}
