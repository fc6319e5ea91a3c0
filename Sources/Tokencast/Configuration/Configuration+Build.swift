import NIOCore
import Server
import Tapes
import Upstream

/// First path segments that no upstream may be called.
let reservedUpstreamNames = Router.reservedNames

extension Configuration {
    /// Loads what the configuration names and makes of it what a server takes.
    func serverConfiguration() throws(ConfigurationError) -> ServerConfiguration {
        var server = ServerConfiguration()
        guard RequestPolicy.isLoopback(host: host) else {
            throw ConfigurationError(
                "listen.host '\(host)' is not a loopback address: others are refused until access control is there"
            )
        }
        server.host = host
        server.port = port
        server.allowedHosts = allowedHosts
        server.allowedOrigins = allowedOrigins
        server.drainTimeout = .nanoseconds(Int64(min(drainSeconds, 86_400) * 1e9))
        if tapes.mode == .none, let cassette = tapes.cassette {
            server.upstreams = [try replay(name: "replay", cassette, tapes.replay)]
            server.routes = [.init(upstream: "replay")]
            return server
        }
        for upstream in upstreams {
            switch upstream.source {
            case .replay(let cassette, let options):
                server.upstreams.append(try replay(name: upstream.name, cassette, options))
            case .url(let text):
                guard let url = UpstreamURL(text) else {
                    throw ConfigurationError("upstreams.\(upstream.name).url '\(text)' is no base URL")
                }
                server.upstreams.append(
                    UpstreamTarget(
                        name: upstream.name,
                        kind: .http(url: url, key: upstream.key),
                        dialect: upstream.dialect,
                        timeouts: upstream.timeouts
                    )
                )
            }
        }
        server.routes = routes.map { .init(model: $0.model, path: $0.path, upstream: $0.upstream) }
        guard !server.upstreams.isEmpty else {
            throw ConfigurationError(
                "there is nothing to serve: give --upstream URL, --replay DIR, or a config.json with upstreams"
            )
        }
        return server
    }

    private func replay(
        name: String,
        _ directory: String,
        _ options: ReplayOptions
    ) throws(ConfigurationError) -> UpstreamTarget {
        let cassette: Cassette
        do {
            cassette = try Cassette.load(directory: directory)
        } catch {
            throw ConfigurationError("the cassette \(directory) can't be played:\n\(error)")
        }
        return UpstreamTarget(name: name, kind: .replay(CassettePlayer(cassette), options))
    }
}

extension Configuration.Upstream {
    fileprivate var timeouts: UpstreamTimeouts {
        UpstreamTimeouts(
            connect: .seconds(connectSeconds),
            firstByte: .seconds(firstByteSeconds),
            idle: .seconds(idleSeconds)
        )
    }
}
