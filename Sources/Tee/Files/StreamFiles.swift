import Tapes

#if canImport(Glibc)
import Glibc
#endif

/// Makes the files of one stream: one per format, all of one name. Confined to its tee's queue.
final class StreamFiles {
    private let root: String
    private let rotation: TeeRotation?
    /// Names that were taken, and the number to try next: most names are free, so that few are in here.
    private var taken: [String: Int] = [:]

    private static let rememberedNames = 1024
    private static let highestNumber = 100_000

    init(root: String, rotation: TeeRotation?) {
        self.root = root
        self.rotation = rotation
    }

    /// Makes a stream's files. Where another stream has the name, a number is put behind it: `-2`, `-3`, …
    ///
    /// - Parameter names: directories below the root, and last the files' own name.
    func make(_ names: [String], _ formats: [TeeFormat]) throws(TeeFailure) -> [TeeFormat: RotatingFile] {
        let path = ([root] + names.dropLast()).joined(separator: "/")
        guard SafeDirectory.make(root, mode: 0o755) else { throw TeeFailure(root, "can't be made") }
        let descriptor = SafeDirectory.open(root, names.dropLast(), mode: 0o755)
        guard descriptor >= 0 else { throw TeeFailure(path, "can't be opened") }
        let directory = OpenDirectory(descriptor)
        let stem = names.last ?? ""
        let key = "\(path)/\(stem)"
        var number = taken[key] ?? 1
        while number <= Self.highestNumber {
            let numbered = number == 1 ? stem : "\(stem)-\(number)"
            if let files = try make(numbered, formats, directory, path) {
                if number > 1 { remember(key, number + 1) }
                return files
            }
            number += 1
        }
        throw TeeFailure("\(key) has no free number")
    }

    private func remember(_ key: String, _ next: Int) {
        if taken.count >= Self.rememberedNames { taken = [:] }
        taken[key] = next
    }

    /// Nil where one of the names is taken; then none of the files is made.
    private func make(
        _ stem: String,
        _ formats: [TeeFormat],
        _ directory: OpenDirectory,
        _ path: String
    ) throws(TeeFailure) -> [TeeFormat: RotatingFile]? {
        var files: [TeeFormat: RotatingFile] = [:]
        let flags = O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW
        for format in formats {
            let name = "\(stem).\(format.rawValue)"
            let descriptor = openat(directory.descriptor, name, flags, 0o600)
            guard descriptor >= 0 else {
                let code = errno
                for made in files.keys { unlinkat(directory.descriptor, "\(stem).\(made.rawValue)", 0) }
                if code == EEXIST { return nil }
                throw TeeFailure("\(path)/\(name)", "can't be made", code: code)
            }
            files[format] = RotatingFile(
                AppendedFile(descriptor, path: "\(path)/\(name)"),
                named: name,
                in: directory,
                path: "\(path)/\(name)",
                rotation: rotation
            )
        }
        return files
    }
}
