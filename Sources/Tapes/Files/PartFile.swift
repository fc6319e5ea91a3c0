#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A tape's file while it is being recorded: its name is reserved, lines are appended, and at the end it gets its name
/// for good, never in place of another.
package struct PartFile: ~Copyable {
    private let directory: Int32
    private let file: Int32
    private let stem: String
    private var number: Int
    /// The directory as errors name it.
    private let path: String

    private static let highestNumber = 100_000

    /// Reserves the first free number of a name, in a directory that is made where it is missing.
    ///
    /// Both the finished and the unfinished name must be free. What another process does in between shows in
    /// `O_EXCL`, in the second look, or at last in ``seal()``.
    init(root: String, scope: TapeScope, stem: String) throws(TapeError) {
        path = scope.segments.isEmpty ? root : "\(root)/\(scope)"
        self.stem = stem
        let directory = try Self.openDirectory(root, scope, path)
        var number = 1
        while number <= Self.highestNumber {
            let part = TapeName.numbered(stem, number) + TapeName.partSuffix
            let sealed = TapeName.numbered(stem, number) + TapeName.suffix
            number += 1
            if Self.exists(sealed, in: directory) { continue }
            let file = openat(directory, part, O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
            if file < 0 {
                if errno == EEXIST { continue }
                let reason = FileSystem.lastReason
                close(directory)
                throw TapeError(.file, "can't be created: \(reason)", file: "\(path)/\(part)")
            }
            if Self.exists(sealed, in: directory) {
                unlinkat(directory, part, 0)
                close(file)
                continue
            }
            // Held until the file is closed, by whatever death: who finds it can tell a recorder at work from a dead one.
            // A file system without locks does without.
            _ = flock(file, LOCK_EX | LOCK_NB)
            self.directory = directory
            self.file = file
            self.number = number - 1
            return
        }
        close(directory)
        throw TapeError(.file, "has no free number", file: "\(path)/\(stem)")
    }

    deinit {
        close(file)
        close(directory)
    }

    /// The path of the unfinished file.
    var partPath: String { "\(path)/\(partName)" }

    private var partName: String { TapeName.numbered(stem, number) + TapeName.partSuffix }

    /// Appends all of the bytes, which are whole lines.
    func append(_ bytes: [UInt8]) throws(TapeError) {
        var start = 0
        while start < bytes.count {
            let count = bytes.withUnsafeBytes { write(file, $0.baseAddress.map { $0 + start }, bytes.count - start) }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else {
                throw TapeError(.file, "can't be written: \(FileSystem.lastReason)", file: partPath)
            }
            start += count
        }
    }

    /// Brings the file to the disk and gives it its name; returns the path. A name that was taken meanwhile is left
    /// alone, and the next one tried.
    mutating func seal() throws(TapeError) -> String {
        let part = partName
        guard fsync(file) == 0 else {
            throw TapeError(.file, "can't be brought to the disk: \(FileSystem.lastReason)", file: partPath)
        }
        while number <= Self.highestNumber {
            let sealed = TapeName.numbered(stem, number) + TapeName.suffix
            switch Self.rename(part, to: sealed, in: directory) {
            case 0:
                // The tape is whole: a directory that can't be synced is no reason to call it a failure.
                fsync(directory)
                return "\(path)/\(sealed)"
            case EEXIST: number += 1
            case let code:
                throw TapeError(.file, "can't be renamed: \(FileSystem.reason(code))", file: "\(path)/\(part)")
            }
        }
        throw TapeError(.file, "has no free number", file: "\(path)/\(stem)")
    }

    /// Renames without replacing; returns the error's number or 0.
    ///
    /// The second name is made before the first is taken away: whoever dies in between leaves a whole tape and a
    /// `.part` that is never served. Where the file system has no links, the reserved `.part` keeps other recorders off
    /// the name, so that looking first is enough.
    package static func rename(_ old: String, to new: String, in directory: Int32) -> Int32 {
        if linkat(directory, old, directory, new, 0) == 0 {
            unlinkat(directory, old, 0)
            return 0
        }
        guard errno == EPERM || errno == ENOTSUP || errno == ENOSYS || errno == EMLINK else { return errno }
        if exists(new, in: directory) { return EEXIST }
        return renameat(directory, old, directory, new) == 0 ? 0 : errno
    }

    private static func exists(_ name: String, in directory: Int32) -> Bool {
        var status = stat()
        return fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) == 0
    }

    /// Opens the scope's directory segment by segment, so that a link in place of one doesn't lead out of the cassette.
    private static func openDirectory(_ root: String, _ scope: TapeScope, _ path: String) throws(TapeError) -> Int32 {
        // The cassette's own directory may be anywhere the user says, a link included; its parent must be there.
        mkdir(root, 0o700)
        var directory = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        for segment in scope.segments where directory >= 0 {
            mkdirat(directory, segment, 0o700)
            let next = openat(directory, segment, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
            let code = errno
            close(directory)
            directory = next
            errno = code
        }
        guard directory >= 0 else { throw TapeError(.file, "can't be opened: \(FileSystem.lastReason)", file: path) }
        return directory
    }
}
