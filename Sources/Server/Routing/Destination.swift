import Dialects

/// Where a request goes, and what holds for it there.
struct Destination: Sendable {
    var upstream: UpstreamTarget
    /// The path that the upstream gets, before its own is put in front.
    var path: String
    /// What is spoken there, as the route or the upstream says; nil for what the path tells.
    var spoken: UpstreamDialect?
    /// The tapes that have a say; nil where there are none.
    var tapes: TapeSetting?
    /// What becomes of it when its caller leaves.
    var onDisconnect = OnDisconnect.cancel

    /// What reads the answer.
    var dialect: Dialect { spoken?.dialect ?? Dialect.matching(path: path) }

    /// How errors of ours are worded.
    var errors: ErrorFormat { dialect.errors(forPath: path) }

    /// What is said of a request that no route takes.
    static func missing(_ method: String, _ path: String, _ model: String?) -> StreamError {
        let model = model.map { " with model '\($0)'" } ?? ""
        let message = "no route takes \(method) \(path)\(model): add one to config.json"
        return StreamError(message: message, type: "invalid_request_error", code: "no_route")
    }
}

extension ServerConfiguration {
    /// Finds where a request goes; nil where no route takes it.
    ///
    /// A first segment that is an upstream's name goes to that, unless a route's path begins with the name and matches:
    /// `/openai/deployments/…` is Azure's, whatever else is called `openai`.
    ///
    /// - Parameters:
    ///   - path: without options and query.
    ///   - model: the model that is asked for, as far as it is known.
    func destination(path: String, model: String?) -> Destination? {
        let first = Substring(path.utf8.dropFirst().prefix { $0 != UInt8(ascii: "/") })
        let named = upstreams.first { $0.name.utf8.elementsEqual(first.utf8) }
        let route = routes.first { route in
            guard named == nil || route.path?.hasPrefix("/\(first)/") == true else { return false }
            return route.matches(path: path, model: model)
        }
        if route == nil, let named {
            let rest = Substring(path.utf8.dropFirst(1 + first.utf8.count))
            return Destination(
                upstream: named,
                path: rest.isEmpty ? "/" : String(rest),
                spoken: named.dialect,
                tapes: tapes
            )
        }
        guard let route, let upstream = upstreams.first(where: { $0.name.hasSameBytes(as: route.upstream) }) else {
            return nil
        }
        return Destination(
            upstream: upstream,
            path: path,
            spoken: route.dialect ?? upstream.dialect,
            tapes: route.tapes,
            onDisconnect: route.onDisconnect
        )
    }
}
