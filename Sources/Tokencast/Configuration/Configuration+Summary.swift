import Tapes

extension Configuration {
    /// Loads what the configuration names, to see whether it can be served.
    public func check() throws(ConfigurationError) {
        _ = try serverConfiguration()
    }

    /// What was read but isn't done, and why; what an operator should know.
    public var notes: [String] { notices + accessNotices }

    /// Where a program on this machine reaches the server.
    public var localURL: String {
        let host = ["0.0.0.0": "127.0.0.1", "::": "::1"][self.host] ?? self.host
        return "http://\(host.contains(":") ? "[\(host)]" : host):\(port)"
    }

    /// What would be served, for a person to read.
    public var summary: String {
        var lines = ["listen    http://\(host):\(port)"]
        for upstream in upstreams {
            let key = upstream.key == nil ? "" : "  (key configured)"
            switch upstream.source {
            case .url(let url): lines.append("upstream  \(upstream.name) → \(url)\(key)")
            case .unset(let variable): lines.append("upstream  \(upstream.name) → nowhere: \(variable) is not set")
            case .replay(let cassette, _): lines.append("upstream  \(upstream.name) → tapes in \(cassette)")
            }
        }
        for route in routes {
            let conditions = [route.model.map { "model \($0)" }, route.path.map { "path \($0)" }].compactMap { $0 }
            let what = conditions.isEmpty ? "everything" : conditions.joined(separator: ", ")
            let own = route.tapes.map { "  (tapes \($0.over(tapes).summary))" } ?? ""
            lines.append("route     \(what) → \(route.upstream)\(own)")
        }
        if tapes.cassette != nil, tapes.policy.modes.contains(where: { $0 != .off }) {
            lines.append("tapes     \(tapes.summary)")
        }
        for key in access.keys {
            let scopes = key.scopes.map(\.rawValue).sorted().joined(separator: ", ")
            let channels = key.channels == ["*"] ? "" : "  (channels \(key.channels.joined(separator: ", ")))"
            lines.append("key       \(key.name): \(scopes)\(channels)")
        }
        lines += notes.map { "note      \($0)" }
        for tee in tee { lines.append("tee       \(tee.summary)") }
        return lines.joined(separator: "\n")
    }
}

extension Configuration.Tapes {
    /// `none tapes, tests/*: once`.
    fileprivate var summary: String {
        let target = cassette.map { mode == .off && scopes.isEmpty ? "" : " \($0)" } ?? ""
        return (["\(mode.rawValue)\(target)"] + scopes.map { "\($0.pattern): \($0.mode.rawValue)" })
            .joined(separator: ", ")
    }
}
