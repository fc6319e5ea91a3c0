#if canImport(Glibc)
import Glibc
#endif

extension Configuration {
    /// Adds the tee that flags ask for.
    ///
    /// - Parameters:
    ///   - path: `-` for standard output, else a file or a directory.
    ///   - formats: names with commas between them; nil for the target's default.
    mutating func addTee(_ path: String?, formats: String?) throws(ConfigurationError) {
        guard let path else {
            guard formats == nil else { throw ConfigurationError("--tee-format goes with --tee") }
            return
        }
        var list: [Tee.Format]?
        if let formats {
            list = []
            for name in formats.split(separator: ",", omittingEmptySubsequences: false) {
                guard let format = Tee.Format(rawValue: String(name)) else {
                    throw ConfigurationError("--tee-format: '\(name)' is no format: take \(Tee.Format.list)")
                }
                list?.append(format)
            }
        }
        let next = Tee(Self.teeTarget(path), formats: list)
        if let problem = next.problem { throw ConfigurationError("--tee \(path): \(problem.message)") }
        if tee.contains(where: { $0.collides(with: next) }) {
            throw ConfigurationError("--tee \(path): another tee writes there")
        }
        tee.append(next)
    }

    /// What isn't a directory but is there is a file; what isn't there is one where it is called like one.
    private static func teeTarget(_ path: String) -> Tee.Target {
        if path == "-" { return .standardOutput }
        var status = stat()
        if stat(path, &status) == 0 {
            return status.st_mode & S_IFMT == S_IFDIR ? .directory(path, name: "{id}") : .file(path)
        }
        let isFile = [".jsonl", ".ndjson", ".text", ".txt", ".log"].contains(where: path.hasSuffix)
        return isFile ? .file(path) : .directory(path, name: "{id}")
    }
}
