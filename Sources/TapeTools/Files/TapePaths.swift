import Tapes

/// The tapes that a command line names: files as they are, directories with all that is in them.
struct TapePaths {
    private(set) var files: [CassetteFiles.File] = []
    private(set) var errors: [TapeError] = []

    init(_ paths: [String]) {
        for path in paths { add(path) }
    }

    private mutating func add(_ path: String) {
        if FileSystem.isDirectory(path) {
            let found = CassetteFiles(directory: path)
            files += found.files
            errors += found.errors
        } else if !FileSystem.exists(path) {
            errors.append(TapeError(.file, "can't be opened: \(FileSystem.lastReason)", file: path))
        } else if let file = CassetteFiles.File(name: path, path: path, scope: nil) {
            files.append(file)
        } else {
            errors.append(TapeError(.file, "is named like no tape: *\(TapeName.suffix)", file: path))
        }
    }
}
