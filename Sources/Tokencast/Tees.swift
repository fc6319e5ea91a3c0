import Broadcast
import Server
import Tapes
import Tee

/// All tees of a service: which of them take a stream.
final class Tees: SinkFactory {
    private struct Post: Sendable {
        var configuration: Configuration.Tee
        var tee: Tee

        /// Whether it takes a stream, whatever the request names.
        func matches(_ request: SinkRequest) -> Bool {
            if let model = configuration.model {
                guard let asked = request.request.model, wildcard(model, matches: asked) else { return false }
            }
            if let path = configuration.path, !wildcard(path, matches: request.request.path) { return false }
            return configuration.upstream.map { $0 == request.upstream } ?? true
        }
    }

    private let posts: [Post]

    /// Nil where there are none.
    ///
    /// - Parameter report: called for each stream that a tee doesn't write whole, with the reason where it is news.
    init?(_ tees: [Configuration.Tee], report: @escaping @Sendable (String?) -> Void) {
        guard !tees.isEmpty else { return nil }
        posts = tees.compactMap { configuration in
            configuration.make(report: report).map { Post(configuration: configuration, tee: $0) }
        }
    }

    func refusal(of request: SinkRequest) -> String? {
        guard let label = request.tee else { return nil }
        guard let post = posts.first(where: { $0.configuration.label == label }) else {
            return "no tee '\(label)' may be asked for"
        }
        return post.matches(request) ? nil : "the tee '\(label)' doesn't take this model, path or upstream"
    }

    func makeSinks(for request: SinkRequest, secrets: @autoclosure () -> TapeSecrets) -> [any GenerationSink] {
        let chosen = posts.filter { post in
            post.matches(request) && (!post.configuration.onRequest || post.configuration.label == request.tee)
        }
        guard !chosen.isEmpty else { return [] }
        let stream = TeeStreamRequest(
            model: request.request.model,
            channel: request.request.channel,
            upstream: request.upstream,
            dialect: request.dialect,
            secrets: secrets()
        )
        return chosen.compactMap { $0.tee.makeSink(for: stream) }
    }

    /// Waits until all that came before is written; false where that takes longer than `limit`.
    func flush(within limit: Duration) async -> Bool {
        await withTaskGroup(of: Bool.self) { group in
            for post in posts { group.addTask { await post.tee.flush(within: limit) } }
            return await group.reduce(true) { $0 && $1 }
        }
    }
}
