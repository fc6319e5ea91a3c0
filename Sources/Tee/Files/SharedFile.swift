import Tapes

#if canImport(Glibc)
import Glibc
#endif

/// Opens the one file that all streams of a tee are appended to. Confined to the tee's queue.
enum SharedFile {
    /// Opens a file to append to it, or makes it, its directory included. The path is the configuration's: it may lead
    /// over links, to a pipe or to a device.
    static func open(_ path: String, rotation: TeeRotation?) throws(TeeFailure) -> RotatingFile {
        let slash = path.lastIndex(of: "/")
        let parent = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let name = slash.map { String(path[path.index(after: $0)...]) } ?? path
        guard SafeDirectory.make(parent, mode: 0o755) else { throw TeeFailure(parent, "can't be made") }
        let directory = OpenDirectory(SafeDirectory.open(parent, [], mode: 0o755))
        guard directory.descriptor >= 0 else { throw TeeFailure(parent, "can't be opened") }
        let flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC
        let descriptor = openat(directory.descriptor, name, flags, 0o600)
        guard descriptor >= 0 else { throw TeeFailure(path, "can't be opened") }
        var file = AppendedFile(descriptor, path: path)
        if file.canRotate { try file.completeLine(after: lastByte(of: name, in: directory, size: file.size)) }
        return RotatingFile(file, named: name, in: directory, path: path, rotation: rotation)
    }

    /// Standard output, which is never closed here.
    static func standardOutput() -> RotatingFile {
        let file = AppendedFile(STDOUT_FILENO, path: "standard output", isOwn: false)
        return RotatingFile(file, named: "", in: OpenDirectory(-1), path: "standard output", rotation: nil)
    }

    private static func lastByte(of name: String, in directory: OpenDirectory, size: Int) -> UInt8? {
        let descriptor = openat(directory.descriptor, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var byte: UInt8 = 0
        return pread(descriptor, &byte, 1, off_t(size - 1)) == 1 ? byte : nil
    }
}
