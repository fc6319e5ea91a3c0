#if canImport(Glibc)
import Glibc
#endif

/// A directory that is held open.
final class OpenDirectory {
    let descriptor: CInt

    init(_ descriptor: CInt) {
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }
}

/// A file in a directory, followed by a fresh one when it is full. Confined to its tee's queue.
final class RotatingFile {
    private let directory: OpenDirectory
    private let name: String
    private let path: String
    private let rotation: TeeRotation?
    private var file: AppendedFile
    /// How often it was followed by another.
    private(set) var rotations = 0

    /// - Parameters:
    ///   - file: the open file of that name in the directory.
    ///   - path: how errors name it.
    init(
        _ file: consuming AppendedFile,
        named name: String,
        in directory: OpenDirectory,
        path: String,
        rotation: TeeRotation?
    ) {
        self.directory = directory
        self.name = name
        self.path = path
        self.rotation = file.canRotate ? rotation : nil
        self.file = file
    }

    /// Whether its path still leads to it.
    var whereabouts: Whereabouts { file.whereabouts(path) }

    var isAtLineStart: Bool { file.isAtLineStart }

    func append(_ bytes: [UInt8]) throws(TeeFailure) {
        guard let rotation else { return try file.append(bytes[...]) }
        var rest = bytes[...]
        while !rest.isEmpty {
            switch rotation.step(for: rest, size: file.size, isAtLineStart: file.isAtLineStart) {
            case .append(let count):
                try file.append(rest.prefix(count))
                rest = rest.dropFirst(count)
            case .rotate:
                try rotate(keeping: rotation.keep)
            }
        }
    }

    /// Renames the file to `.1`, after that one to `.2`, and so on; the oldest is replaced. Each rename is atomic, and
    /// whatever stops them in between loses nothing.
    private func rotate(keeping keep: Int) throws(TeeFailure) {
        let free = (1...keep).first { !exists("\(name).\($0)") } ?? keep
        for number in stride(from: free, to: 0, by: -1) {
            let older = number == 1 ? name : "\(name).\(number - 1)"
            guard renameat(directory.descriptor, older, directory.descriptor, "\(name).\(number)") == 0 else {
                throw TeeFailure(path, "can't be put aside")
            }
        }
        let flags = O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW
        let descriptor = openat(directory.descriptor, name, flags, 0o600)
        guard descriptor >= 0 else { throw TeeFailure(path, "can't be made anew") }
        file = AppendedFile(descriptor, path: path)
        rotations += 1
    }

    private func exists(_ name: String) -> Bool {
        var status = stat()
        return fstatat(directory.descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0
    }
}
