import Dialects
import Server
import Tapes

/// What a file says of an upstream.
extension Configuration.Upstream {
    init(
        _ name: String,
        _ reader: ConfigurationReader,
        _ directory: String,
        _ environment: [String: String]
    ) throws(ConfigurationError) {
        try reader.allow(["url", "replay", "dialect", "key", "paths", "timeouts"])
        let source: Source
        if let replay = try reader.object("replay") {
            guard !reader.has("url") else {
                throw reader.problem("replay", "an upstream has a url or a replay, not both")
            }
            try replay.allow(["cassette"] + ConfigurationReader.replayKeys)
            guard let cassette = try replay.string("cassette") else {
                throw replay.problem(nil, "a replay needs a cassette")
            }
            source = .replay(cassette: resolve(cassette, in: directory), try replay.replayOptions())
        } else if reader.has("url") {
            source = try Self.address(reader, environment)
        } else {
            throw reader.problem(nil, "an upstream needs a url or a replay")
        }
        self.init(name: name, source: source, dialect: try reader.dialect())
        if let key = try reader.object("key") {
            self.key = try key.variable(in: environment, of: "a key").value
        }
        if dialect.flatMap({ UpstreamDialect($0) })?.family == .bedrock {
            awsVariables = environment.filter { $0.key.hasPrefix("AWS_") }
        }
        if let paths = try reader.object("paths") {
            for member in paths.value.members ?? [] {
                guard let replacement = try paths.string(member.name) else { continue }
                guard PathRule(pattern: member.name, replacement: replacement) != nil else {
                    throw paths.problem(member.name, Self.pathRuleForm)
                }
                self.paths.append(.init(member.name, replacement))
            }
        }
        if let timeouts = try reader.object("timeouts") {
            try timeouts.allow(["connect", "firstByte", "idle"])
            connectSeconds = try timeouts.number("connect") ?? connectSeconds
            firstByteSeconds = try timeouts.number("firstByte") ?? firstByteSeconds
            idleSeconds = try timeouts.number("idle") ?? idleSeconds
        }
    }

    /// A base URL, or the variable that is to hold it.
    private static func address(
        _ reader: ConfigurationReader,
        _ environment: [String: String]
    ) throws(ConfigurationError) -> Source {
        let form = "must be http://HOST or https://HOST, with a path at most"
        if reader.value["url"]?.members == nil, let url = try reader.string("url") {
            guard UpstreamURL(url) != nil else { throw reader.problem("url", "'\(url)' \(form)") }
            return .url(url)
        }
        guard let object = try reader.object("url") else { throw reader.problem("url", form) }
        switch try object.variable(in: environment, of: "a url") {
        case let (variable, url?):
            guard UpstreamURL(url) != nil else {
                throw reader.problem("url", "the environment variable \(variable), whose value isn't shown, \(form)")
            }
            return .url(url)
        case let (variable, nil): return .unset(variable: variable)
        }
    }
}

extension ConfigurationReader {
    /// A family or the name of a dialect.
    func dialect() throws(ConfigurationError) -> String? {
        guard let word = try string("dialect") else { return nil }
        guard UpstreamDialect(word) != nil else { throw problem("dialect", UpstreamDialect.unknown(word)) }
        return word
    }

    /// Reads `{"env": …}`: the first of its variables that is set and not empty, or the first of all, with no value.
    func variable(
        in environment: [String: String],
        of what: String
    ) throws(ConfigurationError) -> (name: String, value: String?) {
        try allow(["env"])
        guard let names = try names("env"), let first = names.first else { throw problem(nil, "\(what) needs env") }
        for name in names {
            if let value = environment[name], !value.isEmpty { return (name, value) }
        }
        return (first, nil)
    }
}
