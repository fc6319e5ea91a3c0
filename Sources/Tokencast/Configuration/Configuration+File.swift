import Dialects
import Logging
import Server

#if canImport(Glibc)
import Glibc
#endif

extension Configuration {
    /// Reads a configuration file. Paths in it are relative to its directory.
    ///
    /// - Parameter environment: where `"key": {"env": NAME}` looks; a variable that isn't set means no key.
    public init(
        file: String,
        environment: [String: String]
    ) throws(ConfigurationError) {
        guard let bytes = readFile(file, limit: 1 << 20) else {
            throw ConfigurationError("can't be read: \(String(cString: strerror(errno)))", file: file)
        }
        let directory = file.contains("/") ? String(file[..<(file.lastIndex(of: "/") ?? file.endIndex)]) : "."
        try self.init(parsing: bytes, file: file, directory: directory, environment: environment)
    }

    init(
        parsing bytes: [UInt8],
        file: String,
        directory: String,
        environment: [String: String]
    ) throws(ConfigurationError) {
        let value: JSONValue
        do {
            value = try JSONValue(parsing: bytes)
        } catch {
            throw ConfigurationError(
                "isn't JSON: \(error.reason.rawValue), column \(error.column)",
                file: file,
                line: error.line
            )
        }
        self.init()
        let root = try ConfigurationReader(value, path: "", file: file)
        try root.allow([
            "$schema", "listen", "access", "upstreams", "routes", "tapes", "tee", "limits", "retention", "logLevel",
            "drainSeconds",
        ])
        try readAccess(root, environment)
        try readListen(root)
        for (name, line, reader) in try root.object("upstreams")?.entries() ?? [] {
            try Self.check(name: name, file: file, line: line)
            upstreams.append(try Upstream(name, reader, directory, environment))
        }
        for reader in try root.objects("routes") { routes.append(try route(reader, directory)) }
        try readTapes(root, directory)
        if Self.isCI(environment) { holdBackRecording() }
        try readTee(root, directory)
        try readLimits(root)
        if let level = try root.string("logLevel") {
            guard let level = Logger.Level(rawValue: level) else {
                let known = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
                throw root.problem("logLevel", "'\(level)' is no level: take one of \(known)")
            }
            logLevel = level
        }
        if let seconds = try root.number("drainSeconds") { drainSeconds = seconds }
    }

    private mutating func readListen(_ root: ConfigurationReader) throws(ConfigurationError) {
        guard let listen = try root.object("listen") else { return }
        try listen.allow(["host", "port", "publicURL", "allowedHosts", "allowedOrigins"])
        if let host = try listen.string("host") { self.host = host }
        if let port = try listen.integer("port", in: 0...65535) { self.port = port }
        if let url = try listen.string("publicURL") {
            publicURL = url
            if let problem = publicURLProblem { throw listen.problem("publicURL", problem) }
        }
        if let hosts = try listen.strings("allowedHosts") { allowedHosts = hosts }
        if let origins = try listen.strings("allowedOrigins") {
            allowedOrigins = origins
            if let problem = originProblem { throw listen.problem("allowedOrigins", problem) }
        }
    }

    private func route(_ reader: ConfigurationReader, _ directory: String) throws(ConfigurationError) -> Route {
        try reader.allow(["model", "path", "upstream", "dialect", "tapes", "onDisconnect", "keepSeconds"])
        guard let upstream = try reader.string("upstream") else {
            throw reader.problem(nil, "a route needs an upstream")
        }
        guard upstreams.contains(where: { $0.name == upstream }) else {
            let known = upstreams.map(\.name).joined(separator: ", ")
            throw reader.problem("upstream", "there is no upstream '\(upstream)' (known: \(known))")
        }
        let onDisconnect = try reader.onDisconnect()
        if onDisconnect != .keep, reader.has("keepSeconds") {
            throw reader.problem("keepSeconds", "goes with \"onDisconnect\": \"keep\"")
        }
        return Route(
            model: try reader.string("model"),
            path: try reader.string("path"),
            upstream: upstream,
            dialect: try reader.dialect(),
            tapes: try RouteTapes(reader, directory),
            onDisconnect: onDisconnect,
            keepSeconds: try reader.number("keepSeconds") ?? Route.keepSeconds
        )
    }

    static func check(name: String, file: String?, line: Int?) throws(ConfigurationError) {
        let isPlain =
            !name.isEmpty
            && name.utf8.allSatisfy { byte in
                switch byte {
                case 48...57, 65...90, 97...122, UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."): true
                default: false
                }
            }
        guard isPlain else {
            throw ConfigurationError(
                "an upstream's name is of letters, digits, '-', '_' and '.'",
                file: file,
                line: line
            )
        }
        guard !reservedUpstreamNames.contains(name) else {
            throw ConfigurationError(
                "'\(name)' is a path of Tokencast's own: name the upstream otherwise",
                file: file,
                line: line
            )
        }
    }
}

extension ConfigurationReader {
    fileprivate func onDisconnect() throws(ConfigurationError) -> Configuration.OnDisconnect {
        guard let word = try string("onDisconnect") else { return .cancel }
        guard let policy = Configuration.OnDisconnect(rawValue: word) else {
            let known = Configuration.OnDisconnect.allCases.map(\.rawValue).joined(separator: ", ")
            throw problem("onDisconnect", "'\(word)' is not known: take one of \(known)")
        }
        return policy
    }
}

/// A path as seen from a directory.
func resolve(_ path: String, in directory: String) -> String {
    path.hasPrefix("/") || directory == "." ? path : "\(directory)/\(path)"
}

/// A file's bytes; nil where it can't be read or is larger than `limit`, and `errno` says why.
func readFile(_ path: String, limit: Int) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    while true {
        let count = read(descriptor, &piece, piece.count)
        if count < 0, errno == EINTR { continue }
        guard count >= 0 else { return nil }
        guard count > 0 else { return bytes }
        bytes.append(contentsOf: piece[..<count])
        guard bytes.count <= limit else {
            errno = EFBIG
            return nil
        }
    }
}
