#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The few system calls that tapes need, each failure a ``TapeError`` that names the file and the reason.
package enum FileSystem {
    /// The reason of the last failed call, as the system words it.
    package static var lastReason: String { reason(errno) }

    package static func reason(_ code: Int32) -> String {
        strerror(code).map { String(cString: $0) } ?? "error \(code)"
    }

    /// Reads a regular file of `limit` bytes at most. A symbolic link, a pipe or a device is refused: a cassette may
    /// come from anybody, and must not lead elsewhere or hang.
    package static func read(_ path: String, limit: Int) throws(TapeError) -> [UInt8] {
        try readIdentified(path, limit: limit).bytes
    }

    /// As ``read(_:limit:)``, with what tells this file from another of the same name.
    static func readIdentified(
        _ path: String,
        limit: Int
    ) throws(TapeError) -> (bytes: [UInt8], identity: FileIdentity) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else { throw TapeError(.file, "can't be opened: \(lastReason)", file: path) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw TapeError(.file, "can't be read: \(lastReason)", file: path)
        }
        guard status.st_mode & S_IFMT == S_IFREG else { throw TapeError(.file, "is not a regular file", file: path) }
        let size = Int(status.st_size)
        guard size <= limit else { throw TapeError(.tooLarge, "the file is larger than \(limit) bytes", file: path) }
        var bytes = [UInt8](repeating: 0, count: size)
        var filled = 0
        while filled < size {
            let count = bytes.withUnsafeMutableBytes {
                #if canImport(Glibc)
                Glibc.read(descriptor, $0.baseAddress.map { $0 + filled }, size - filled)
                #else
                Darwin.read(descriptor, $0.baseAddress.map { $0 + filled }, size - filled)
                #endif
            }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw TapeError(.file, "can't be read: \(lastReason)", file: path) }
            // It has become shorter since.
            if count == 0 { break }
            filled += count
        }
        bytes.removeSubrange(filled...)
        return (bytes, FileIdentity(status))
    }

    package enum Kind {
        case file
        case directory
        case other
    }

    /// What a directory holds, sorted by the bytes of the names, hidden ones left out. Links are of the `other` kind.
    package static func list(_ path: String) throws(TapeError) -> [(name: String, kind: Kind)] {
        guard let directory = opendir(path) else {
            throw TapeError(.file, "can't be opened: \(lastReason)", file: path)
        }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            // The name is read in place: its array is declared longer than the record may be.
            guard let offset = MemoryLayout<dirent>.offset(of: \.d_name) else { break }
            let name = UnsafeRawPointer(entry) + offset
            names.append(String(cString: name.assumingMemoryBound(to: CChar.self)))
        }
        return names.filter { $0.utf8.first != UInt8(ascii: ".") }
            .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            .map { ($0, kind(ofEntry: $0, in: directory)) }
    }

    private static func kind(ofEntry name: String, in directory: OpaquePointer) -> Kind {
        var status = stat()
        guard fstatat(dirfd(directory), name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { return .other }
        return switch status.st_mode & S_IFMT {
        case S_IFREG: .file
        case S_IFDIR: .directory
        default: .other
        }
    }

    /// Whether a path below a directory leads to a directory without passing any link.
    static func isDirectory(_ inner: String, below directory: String) -> Bool {
        var path = directory
        for segment in inner.utf8.split(separator: UInt8(ascii: "/")) {
            path += "/" + String(decoding: segment, as: UTF8.self)
            var status = stat()
            guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { return false }
        }
        return true
    }

    /// Whether a path leads to something.
    package static func exists(_ path: String) -> Bool {
        access(path, F_OK) == 0
    }
}

/// What tells a file from another one that comes to have its name.
struct FileIdentity: Sendable, Hashable {
    private let device: UInt64
    private let inode: UInt64
    private let seconds: Int
    private let nanoseconds: Int
    private let size: Int

    init(_ status: stat) {
        device = UInt64(truncatingIfNeeded: status.st_dev)
        inode = UInt64(truncatingIfNeeded: status.st_ino)
        size = Int(status.st_size)
        #if canImport(Glibc)
        seconds = Int(status.st_mtim.tv_sec)
        nanoseconds = Int(status.st_mtim.tv_nsec)
        #else
        seconds = Int(status.st_mtimespec.tv_sec)
        nanoseconds = Int(status.st_mtimespec.tv_nsec)
        #endif
    }

    /// That of a directory's entry, a link's own where it is one; nil where there is none.
    init?(_ name: String, in directory: Int32) {
        var status = stat()
        guard fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { return nil }
        self.init(status)
    }

    /// That of a path.
    init?(path: String) {
        self.init(path, in: AT_FDCWD)
    }
}
