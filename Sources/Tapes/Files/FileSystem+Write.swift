#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

extension FileSystem {
    /// Writes a file of its own.
    ///
    /// - Parameter isReplacing: whether one that is there is replaced, in one step: whoever reads it meanwhile gets the
    ///   old or the new one. Else it is an error.
    package static func write(_ bytes: [UInt8], to path: String, replacing isReplacing: Bool) throws(TapeError) {
        let temporary = "\(path).new-\(getpid())"
        let place = isReplacing ? temporary : path
        let file = open(place, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else {
            let reason = errno == EEXIST && !isReplacing ? "it is there already" : lastReason
            throw TapeError(.file, "can't be created: \(reason)", file: path)
        }
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes {
                writeSome(file, $0.baseAddress.map { $0 + written }, bytes.count - written)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            written += count
        }
        let reason = lastReason
        guard written == bytes.count, fsync(file) == 0, close(file) == 0 else {
            unlink(place)
            throw TapeError(.file, "can't be written: \(reason)", file: path)
        }
        guard isReplacing else { return }
        guard rename(temporary, path) == 0 else {
            let reason = lastReason
            unlink(temporary)
            throw TapeError(.file, "can't be replaced: \(reason)", file: path)
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
