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
            case .replay(let cassette, _): lines.append("upstream  \(upstream.name) → tapes in \(cassette)")
            }
        }
        for route in routes {
            let conditions = [route.model.map { "model \($0)" }, route.path.map { "path \($0)" }].compactMap { $0 }
            lines.append(
                "route     \(conditions.isEmpty ? "everything" : conditions.joined(separator: ", ")) → \(route.upstream)"
            )
        }
        if let cassette = tapes.cassette, tapes.mode != .off {
            lines.append("tapes     \(tapes.mode.rawValue) \(cassette)")
        }
        for tee in tee { lines.append("tee       \(tee.directory) (\(tee.formats.joined(separator: ", ")))") }
        return lines.joined(separator: "\n")
    }
}
