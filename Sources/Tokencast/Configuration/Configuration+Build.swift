import NIOCore
import Server
import Tapes
import Upstream

/// First path segments that no upstream may be called.
let reservedUpstreamNames = Router.reservedNames

extension Configuration {
    /// Loads what the configuration names and makes of it what a server takes.
    ///
    /// - Parameter recorder: makes what records into a directory; nil where nothing is to be recorded, only checked.
    func serverConfiguration(
        recorder: ((String) -> CassetteRecorder)? = nil
    ) throws(ConfigurationError) -> ServerConfiguration {
        var server = ServerConfiguration()
        server.access = try access.control()
        guard RequestPolicy.isLoopback(host: host) || !access.keys.isEmpty else {
            throw ConfigurationError(
                "listen.host '\(host)' is not a loopback address: others need access.keys, or anybody could do anything"
            )
        }
        if let problem = originProblem { throw ConfigurationError("listen.allowedOrigins: \(problem)") }
        if let problem = publicURLProblem { throw ConfigurationError("listen.publicURL: \(problem)") }
        for tee in tee {
            if let problem = tee.problem { throw ConfigurationError("tee: \(problem.message)") }
        }
        server.host = host
        server.port = port
        server.publicURL = publicURL.flatMap(UpstreamURL.init)?.description
        server.allowedHosts = allowedHosts
        server.allowedOrigins = allowedOrigins
        server.drainTimeout = .nanoseconds(Int64(min(drainSeconds, 86_400) * 1e9))
        server.limits = limits.server
        server.retention = retention.server(channels: limits.channels)
        var decks = TapeDecks(self, recorder: recorder)
        server.tapes = try decks.setting(tapes)
        for upstream in upstreams {
            switch upstream.source {
            case .replay(let cassette, let options):
                let setting = try decks.replay(cassette, options)
                server.upstreams.append(
                    UpstreamTarget(
                        name: upstream.name,
                        kind: .replay(setting),
                        dialect: try Self.dialect(upstream.dialect, of: "upstreams.\(upstream.name)")
                    )
                )
            case .unset(let variable):
                server.upstreams.append(
                    UpstreamTarget(
                        name: upstream.name,
                        kind: .unset(variable: variable),
                        dialect: try Self.dialect(upstream.dialect, of: "upstreams.\(upstream.name)"),
                        paths: try upstream.pathRules()
                    )
                )
            case .url(let text):
                guard let url = UpstreamURL(text) else {
                    throw ConfigurationError("upstreams.\(upstream.name).url '\(text)' is no base URL")
                }
                let dialect = try Self.dialect(upstream.dialect, of: "upstreams.\(upstream.name)")
                server.upstreams.append(
                    UpstreamTarget(
                        name: upstream.name,
                        kind: .http(url: url, authentication: upstream.authentication(dialect?.family, url)),
                        dialect: dialect,
                        paths: try upstream.pathRules(),
                        timeouts: upstream.timeouts
                    )
                )
            }
        }
        for (index, route) in routes.enumerated() {
            var setting = server.tapes
            if let own = route.tapes { setting = try decks.setting(own.over(tapes)) }
            server.routes.append(
                .init(
                    model: route.model,
                    path: route.path,
                    upstream: route.upstream,
                    dialect: try Self.dialect(route.dialect, of: "routes[\(index)]"),
                    tapes: setting,
                    onDisconnect: route.serverPolicy
                )
            )
        }
        if tapes.mode == .none, let setting = server.tapes {
            // Whatever no route takes is answered from the tapes as well; no upstream is needed. None can have this
            // name, which is a path of our own.
            server.upstreams.append(UpstreamTarget(name: "tapes", kind: .replay(setting)))
            server.routes.append(.init(upstream: "tapes"))
        }
        server.decks = decks.all
        guard !server.upstreams.isEmpty else {
            throw ConfigurationError(
                "there is nothing to serve: give --upstream URL, --replay DIR, or a config.json with upstreams"
            )
        }
        return server
    }
}

extension Configuration {
    /// What is wrong with the origins; nil where nothing is.
    var originProblem: String? {
        for origin in allowedOrigins where !RequestPolicy.isOrigin(origin) {
            if origin != "*" { return "'\(origin)' is no origin: SCHEME://HOST, with a port at most" }
            if access.keys.isEmpty { return "'*' lets every page in, and needs access.keys" }
        }
        return nil
    }

    /// What is wrong with the public address; nil where nothing is.
    var publicURLProblem: String? {
        guard let publicURL, UpstreamURL(publicURL) == nil || publicURL.contains(where: { "\"<>^`{|}".contains($0) })
        else {
            return nil
        }
        return "'\(publicURL)' must be http://HOST or https://HOST, with a path at most"
    }

    private static func dialect(_ word: String?, of place: String) throws(ConfigurationError) -> UpstreamDialect? {
        guard let word else { return nil }
        guard let dialect = UpstreamDialect(word) else {
            throw ConfigurationError("\(place).dialect: \(UpstreamDialect.unknown(word))")
        }
        return dialect
    }
}

extension Configuration.Route {
    fileprivate var serverPolicy: OnDisconnect {
        switch onDisconnect {
        case .cancel: .cancel
        case .drain: .drain
        case .keep: .keep(.nanoseconds(Int64(min(keepSeconds, 3e7) * 1e9)))
        }
    }
}

extension UpstreamDialect {
    /// What an error says of a word that is no dialect.
    static func unknown(_ word: String) -> String {
        let known = ProviderFamily.allCases.map(\.rawValue).joined(separator: ", ")
        return "'\(word)' is neither a family nor a dialect\(suggestion(for: word, among: words)) "
            + "(families: \(known); or the name of a dialect, as openai.chat)"
    }
}

extension Configuration.Upstream {
    fileprivate func authentication(_ family: ProviderFamily?, _ url: UpstreamURL) -> UpstreamAuthentication {
        if family == .bedrock { return .aws(AWSAuthentication(environment: awsVariables, key: key, url: url)) }
        return key.map { .key($0) } ?? .callers
    }

    fileprivate func pathRules() throws(ConfigurationError) -> [PathRule] {
        var rules: [PathRule] = []
        for rule in paths {
            guard let rule = PathRule(pattern: rule.path, replacement: rule.replacement) else {
                throw ConfigurationError("upstreams.\(name).paths: '\(rule.path)' \(Self.pathRuleForm)")
            }
            rules.append(rule)
        }
        return rules
    }

    static let pathRuleForm =
        "and what stands for it must be paths with one * at most; the second has one only if the first has"

    fileprivate var timeouts: UpstreamTimeouts {
        UpstreamTimeouts(
            connect: .seconds(connectSeconds),
            firstByte: .seconds(firstByteSeconds),
            idle: .seconds(idleSeconds)
        )
    }
}
