#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

extension FileSystem {
    /// Writes a file that is there whole or not at all: under another name first, then renamed.
    ///
    /// - Parameters:
    ///   - bytes: all of it.
    ///   - path: where; the directory must be there.
    ///   - replacing: whether a file of that name is replaced, whose permissions the new one then has.
    package static func write(_ bytes: [UInt8], to path: String, replacing: Bool) throws(TapeError) {
        func failure(_ what: String) -> TapeError {
            TapeError(.file, "\(what): \(lastReason)", file: path)
        }
        let slash = path.utf8.lastIndex(of: UInt8(ascii: "/"))
        let parent = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let name = slash.map { String(path[path.utf8.index(after: $0)...]) } ?? path
        let directory = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw failure("its directory can't be opened") }
        defer { close(directory) }
        var status = stat()
        let exists = fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) == 0
        guard !exists || replacing else { throw TapeError(.file, "can't be created: it is there already", file: path) }
        guard !exists || status.st_mode & S_IFMT == S_IFREG else {
            throw TapeError(.file, "is no regular file, and isn't replaced", file: path)
        }
        let temporary = ".\(String(UInt64.random(in: 0...UInt64.max), radix: 16)).tmp"
        let mode = exists ? status.st_mode & 0o777 : 0o600
        let file = openat(directory, temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)
        guard file >= 0 else { throw failure("can't be written") }
        var isDone = false
        defer {
            close(file)
            if !isDone { unlinkat(directory, temporary, 0) }
        }
        if exists { fchmod(file, mode) }
        try append(bytes, to: file, path)
        guard fsync(file) == 0 else { throw failure("can't be brought to the disk") }
        if replacing {
            guard renameat(directory, temporary, directory, name) == 0 else { throw failure("can't be replaced") }
        } else {
            let code = TapeFolder.rename(temporary, to: name, in: directory)
            guard code == 0 else {
                throw TapeError(.file, "can't be written: \(reason(code))", file: path)
            }
        }
        isDone = true
        fsync(directory)
    }

    /// Appends all of the bytes to an open file.
    package static func append(_ bytes: [UInt8], to file: Int32, _ path: String) throws(TapeError) {
        var start = 0
        while start < bytes.count {
            let count = bytes.withUnsafeBytes {
                writeSome(file, $0.baseAddress.map { $0 + start }, bytes.count - start)
            }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else {
                throw TapeError(.file, "can't be written: \(lastReason)", file: path)
            }
            start += count
        }
    }

    /// Whether a path leads to a directory.
    package static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// Makes the directories that a file's path leads through.
    package static func makeDirectories(above path: String) throws(TapeError) {
        var end = path.utf8.startIndex
        while let slash = path.utf8[end...].firstIndex(of: UInt8(ascii: "/")) {
            let directory = String(path[..<slash])
            end = path.utf8.index(after: slash)
            guard !directory.isEmpty, !isDirectory(directory) else { continue }
            guard mkdir(directory, 0o700) == 0 || errno == EEXIST else {
                throw TapeError(.file, "can't be made: \(lastReason)", file: directory)
            }
        }
    }
}

private func writeSome(_ file: CInt, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int { write(file, bytes, count) }
