import Dialects
import Tapes

/// What a file says of tapes.
extension Configuration {
    mutating func readTapes(_ root: ConfigurationReader, _ directory: String) throws(ConfigurationError) {
        if let reader = try root.object("tapes") {
            try reader.allow(["mode", "cassette", "scope", "scopes", "requestBody"] + ConfigurationReader.replayKeys)
            tapes.cassette = try reader.string("cassette").map { resolve($0, in: directory) }
            tapes.replay = try reader.replayOptions()
            tapes.mode = try reader.mode("mode") ?? .off
            tapes.scope = try reader.scope()
            tapes.scopes = try reader.scopes() ?? []
            if let text = try reader.string("requestBody") {
                guard let storage = RequestBodyStorage(rawValue: text) else {
                    throw reader.problem("requestBody", "'\(text)' is neither full nor hash")
                }
                tapes.requestBody = storage
            }
            if tapes.needsCassette { throw reader.problem(nil, "mode '\(tapes.firstMode)' needs a cassette") }
        }
        for (index, reader) in try root.objects("routes").enumerated() {
            guard let own = routes[index].tapes?.over(tapes), own.needsCassette else { continue }
            throw reader.problem("tapes", "mode '\(own.firstMode)' needs a cassette, here or in tapes.cassette")
        }
    }

    /// Whether a build server runs this: `CI` is set, and not to `false` or `0`.
    static func isCI(_ environment: [String: String]) -> Bool {
        let value = environment["CI"]?.lowercased() ?? ""
        return !["", "false", "0"].contains(value)
    }

    /// A build server must not record because a file says so: a test that lacks its tape is to fail there.
    mutating func holdBackRecording() {
        let before = self
        tapes.mode = tapes.mode.withoutRecording
        tapes.scopes = tapes.policy.withoutRecording.scopes
        for index in routes.indices {
            guard var own = routes[index].tapes else { continue }
            own.mode = own.mode?.withoutRecording
            own.scopes = own.scopes.map { TapePolicy(.off, scopes: $0).withoutRecording.scopes }
            routes[index].tapes = own
        }
        guard self != before else { return }
        notices.append(
            "CI is set, so nothing is recorded: of the file's modes, all is off and once and new_episodes are none; "
                + "--tape-mode or TOKENCAST_TAPE_MODE says otherwise"
        )
    }
}

extension Configuration.Tapes {
    /// Whether a directory is wanted and isn't there.
    var needsCassette: Bool { cassette == nil && (mode != .off || !scopes.isEmpty) }

    fileprivate var firstMode: String { (policy.modes.first { $0 != .off } ?? .off).rawValue }
}

extension Configuration.RouteTapes {
    /// A mode alone, or an object as for all routes; nil where the route says nothing.
    init?(_ route: ConfigurationReader, _ directory: String) throws(ConfigurationError) {
        guard route.has("tapes") else { return nil }
        if route.value["tapes"]?.string != nil {
            self.init(mode: try route.mode("tapes"))
            return
        }
        guard let reader = try route.object("tapes") else { return nil }
        try reader.allow(["mode", "cassette", "scopes"] + ConfigurationReader.replayKeys)
        self.init(
            mode: try reader.mode("mode"),
            cassette: try reader.string("cassette").map { resolve($0, in: directory) }
        )
        replay = try reader.replayOptions()
        scopes = try reader.scopes()
    }
}

extension ConfigurationReader {
    fileprivate func mode(_ key: String) throws(ConfigurationError) -> TapeMode? {
        guard let text = try string(key) else { return nil }
        guard let mode = TapeMode(rawValue: text) else { throw problem(key, TapeMode.unknown(text)) }
        return mode
    }

    fileprivate func scope() throws(ConfigurationError) -> TapeScope? {
        guard let text = try string("scope") else { return nil }
        guard let scope = TapeScope(text) else {
            throw problem("scope", "'\(text)' can't name a scope: plain path segments joined by slashes")
        }
        return scope
    }

    /// An object of patterns and their modes, in its order.
    fileprivate func scopes() throws(ConfigurationError) -> [TapePolicy.Rule]? {
        guard let reader = try object("scopes") else { return nil }
        var rules: [TapePolicy.Rule] = []
        for member in reader.value.members ?? [] {
            guard let mode = try reader.mode(member.name) else { continue }
            rules.append(TapePolicy.Rule(pattern: member.name, mode: mode))
        }
        return rules
    }
}

extension TapeMode {
    /// What an error says of a word that is no mode.
    static func unknown(_ text: String) -> String {
        "'\(text)' is no mode: take one of \(allCases.map(\.rawValue).joined(separator: ", "))"
    }
}
