import Tapes

extension Configuration {
    /// Loads what the configuration names, to see whether it can be served.
    public func check() throws(ConfigurationError) {
        _ = try serverConfiguration()
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
        lines += notices.map { "note      \($0)" }
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
