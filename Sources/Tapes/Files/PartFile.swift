import Dialects

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A tape's file while it is being recorded: its name is reserved, lines are appended, and at the end it gets its name
/// for good, never in place of another but of those that it is to replace.
package struct PartFile: ~Copyable {
    private let directory: Int32
    private let file: Int32
    private let stem: String
    package private(set) var number: Int
    /// The directory as errors name it.
    private let path: String
    /// Older tapes that go once this one is whole; until then only their names count as free.
    private let stale: [StaleTape]
    /// How much of the file is whole lines.
    private var size = 0

    private static let highestNumber = 100_000

    /// Reserves the first free number of a name, in a directory that is made where it is missing.
    ///
    /// Both the finished and the unfinished name must be free. What another process does in between shows in
    /// `O_EXCL`, in the second look, or at last in ``seal(replaces:)``.
    ///
    /// - Parameter last: the number that this name was given last, or 0. As long as that tape is there, and none is
    ///   replaced, it isn't looked for a lower one, which would take the longer the more there are.
    package init(
        root: String,
        scope: TapeScope,
        stem: String,
        replacing stale: [StaleTape] = [],
        after last: Int = 0
    ) throws(TapeError) {
        path = scope.segments.isEmpty ? root : "\(root)/\(scope)"
        self.stem = stem
        self.stale = stale
        let directory = try TapeFolder.open(root, scope, path)
        let isThere = [TapeName.suffix, TapeName.partSuffix].contains {
            last > 0 && stale.isEmpty && TapeFolder.exists(TapeName.numbered(stem, last) + $0, in: directory)
        }
        var number = isThere && last < Self.highestNumber ? last + 1 : 1
        while number <= Self.highestNumber {
            let part = TapeName.numbered(stem, number) + TapeName.partSuffix
            let sealed = TapeName.numbered(stem, number) + TapeName.suffix
            number += 1
            if TapeFolder.isTaken(sealed, in: directory, stale) { continue }
            let file = openat(directory, part, O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
            if file < 0 {
                if errno == EEXIST { continue }
                let reason = FileSystem.lastReason
                close(directory)
                throw TapeError(.file, "can't be created: \(reason)", file: "\(path)/\(part)")
            }
            if TapeFolder.isTaken(sealed, in: directory, stale) {
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
    package var partPath: String { "\(path)/\(partName)" }

    private var partName: String { TapeName.numbered(stem, number) + TapeName.partSuffix }

    package mutating func append(_ bytes: [UInt8]) throws(TapeError) {
        try append(bytes.span.bytes)
    }

    /// Appends all of the bytes, which are whole lines. Where that fails, the file ends with a whole line as before.
    package mutating func append(_ bytes: RawSpan) throws(TapeError) {
        var start = 0
        while start < bytes.byteCount {
            let count = bytes.withUnsafeBytes { write(file, $0.baseAddress.map { $0 + start }, $0.count - start) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else {
                let reason = count < 0 ? FileSystem.lastReason : "nothing was taken"
                let lines = bytes.withUnsafeBytes { $0[..<start].lastIndex(of: UInt8(ascii: "\n")) }
                let whole = size + (lines.map { $0 + 1 } ?? 0)
                // Should even that fail, a reader drops the torn line.
                _ = ftruncate(file, off_t(whole))
                throw TapeError(.file, "can't be written: \(reason)", file: partPath)
            }
            start += count
        }
        size += bytes.byteCount
    }

    /// Brings the file to the disk and gives it its name; returns the path. A name that was taken meanwhile is left
    /// alone, and the next one tried.
    ///
    /// - Parameter replaces: whether the older tapes go; else they stay, and so do their names.
    package mutating func seal(replaces: Bool = true) throws(TapeError) -> String {
        guard fsync(file) == 0 else {
            throw TapeError(.file, "can't be brought to the disk: \(FileSystem.lastReason)", file: partPath)
        }
        let stale = replaces ? self.stale : []
        // Nobody else gives out or takes away names meanwhile. Where the file system has no locks, or somebody holds
        // this one for long, what is left to chance is the moment between a look and a rename.
        let isLocked = stale.isEmpty ? false : TapeFolder.lock(directory)
        defer { if isLocked { flock(directory, LOCK_UN) } }
        let sealed = try giveName(stale)
        for tape in stale where !tape.name.hasSameBytes(as: sealed) { TapeFolder.retire(tape, in: directory) }
        // The tape is whole: a directory that can't be synced is no reason to call it a failure.
        fsync(directory)
        return "\(path)/\(sealed)"
    }

    /// Takes the first name that is free by now, the reserved one at the latest if nobody was faster.
    private mutating func giveName(_ stale: [StaleTape]) throws(TapeError) -> String {
        let part = partName
        for lower in 1..<max(1, number) where !stale.isEmpty {
            // A number before this one may have been kept by the part of a program that died.
            let name = TapeName.numbered(stem, lower)
            guard stale.contains(where: { $0.name.hasSameBytes(as: name + TapeName.partSuffix) }),
                TapeFolder.isAbandoned(name + TapeName.partSuffix, in: directory),
                !TapeFolder.isTaken(name + TapeName.suffix, in: directory, stale),
                TapeFolder.rename(part, to: name + TapeName.suffix, in: directory, over: stale) == 0
            else { continue }
            return name + TapeName.suffix
        }
        while number <= Self.highestNumber {
            let sealed = TapeName.numbered(stem, number) + TapeName.suffix
            switch TapeFolder.rename(part, to: sealed, in: directory, over: stale) {
            case 0: return sealed
            case EEXIST: number += 1
            case let code:
                throw TapeError(.file, "can't be renamed: \(FileSystem.reason(code))", file: "\(path)/\(part)")
            }
        }
        throw TapeError(.file, "has no free number", file: "\(path)/\(stem)")
    }
}
