import Broadcast

extension Configuration {
    /// Reads `tee`. Comes behind the upstreams, which it may name.
    mutating func readTee(_ root: ConfigurationReader, _ directory: String) throws(ConfigurationError) {
        for reader in try root.objects("tee") {
            let next = try entry(reader, directory)
            if tee.contains(where: { $0.collides(with: next) }) {
                throw reader.problem("file", "another tee writes there")
            }
            if let label = next.label, tee.contains(where: { $0.label == label }) {
                throw reader.problem("label", "another tee is called '\(label)'")
            }
            tee.append(next)
        }
    }

    private func entry(_ reader: ConfigurationReader, _ directory: String) throws(ConfigurationError) -> Tee {
        try reader.allow(
            ["directory", "name", "file", "formats", "rotate", "model", "path", "upstream", "label", "onRequest"]
        )
        var tee = Tee(try target(reader, directory), formats: try formats(reader), rotation: try rotation(reader))
        tee.model = try reader.string("model")
        tee.path = try reader.string("path")
        tee.upstream = try reader.string("upstream")
        tee.label = try reader.string("label")
        tee.onRequest = try reader.bool("onRequest") ?? false
        if let upstream = tee.upstream, !upstreams.contains(where: { $0.name == upstream }) {
            let known = upstreams.map(\.name).joined(separator: ", ")
            throw reader.problem("upstream", "there is no upstream '\(upstream)' (known: \(known))")
        }
        if let label = tee.label, !EventChannel.isValid(name: label) {
            throw reader.problem("label", "it is of 1 to 128 ASCII letters, digits, '.', '_' and '-'")
        }
        if let problem = tee.problem { throw reader.problem(problem.key, problem.message) }
        return tee
    }

    private func target(_ reader: ConfigurationReader, _ directory: String) throws(ConfigurationError) -> Tee.Target {
        let root = try reader.string("directory")
        let file = try reader.string("file")
        guard let root else {
            guard let file else { throw reader.problem(nil, "a tee needs a directory or a file") }
            if reader.has("name") { throw reader.problem("name", "files are named where there is a directory") }
            if file == "-" { return .standardOutput }
            guard !file.isEmpty, !file.hasSuffix("/") else { throw reader.problem("file", "'\(file)' names no file") }
            return .file(resolve(file, in: directory))
        }
        guard file == nil else { throw reader.problem("file", "a tee has a directory or a file, not both") }
        guard !root.isEmpty else { throw reader.problem("directory", "it is empty; '.' is the directory of this file") }
        return .directory(resolve(root, in: directory), name: try reader.string("name") ?? "{id}")
    }

    private func formats(_ reader: ConfigurationReader) throws(ConfigurationError) -> [Tee.Format]? {
        guard let names = try reader.strings("formats") else { return nil }
        var formats: [Tee.Format] = []
        for name in names {
            guard let format = Tee.Format(rawValue: name) else {
                throw reader.problem("formats", "'\(name)' is no format: take \(Tee.Format.list)")
            }
            formats.append(format)
        }
        return formats
    }

    private func rotation(_ reader: ConfigurationReader) throws(ConfigurationError) -> Tee.Rotation? {
        guard let rotate = try reader.object("rotate") else { return nil }
        try rotate.allow(["bytes", "keep"])
        guard let bytes = try rotate.integer("bytes", in: 1...(1 << 50)) else {
            throw rotate.problem(nil, "it needs bytes: how large a file gets")
        }
        return Tee.Rotation(bytes: bytes, keep: try rotate.integer("keep", in: 1...1000) ?? 5)
    }
}

extension Configuration.Tee.Format {
    /// All of them, for messages.
    static var list: String { allCases.map(\.rawValue).joined(separator: ", ") }
}
