/// The table of Tokencast's own routes.
public enum API {
    public static let endpoints: [Endpoint] =
        [
            Endpoint(
                .index,
                "GET",
                "/",
                .open,
                "What there is, for a person who looks.",
                answers: [.init(200, "text/plain", "a text")]
            ),
            Endpoint(
                .health,
                "GET",
                "/healthz",
                .open,
                "Whether the process runs.",
                answers: [.init(200, "text/plain", "it does")]
            ),
            Endpoint(
                .readiness,
                "GET",
                "/readyz",
                .open,
                "Whether requests are taken.",
                answers: [.init(200, "text/plain", "they are"), .init(503, "text/plain", "it is about to stop")]
            ),
            Endpoint(
                .metrics,
                "GET",
                "/metrics",
                .admin,
                "Counters in Prometheus' text format.",
                answers: [.init(200, "text/plain", "the counters")]
            ),
        ] + streams + channels + tapes

    /// What a path and a method lead to.
    enum Match {
        case endpoint(Endpoint, variables: [String: String])
        /// The path is known, with other methods.
        case notAllowed(methods: [String])
        case nothing
    }

    static func match(method: String, path: String) -> Match {
        var methods: [String] = []
        for endpoint in endpoints {
            guard let variables = endpoint.variables(in: path) else { continue }
            if endpoint.takes(method: method) { return .endpoint(endpoint, variables: variables) }
            methods += endpoint.method == "GET" ? ["GET", "HEAD"] : [endpoint.method]
        }
        return methods.isEmpty ? .nothing : .notAllowed(methods: methods)
    }
}
