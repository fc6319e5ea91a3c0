import Broadcast
import Dialects
import EventLoops
import NIOCore
import NIOHTTP1
import Upstream

/// Decides who answers a request: Tokencast's own resources, or an upstream.
public struct Router {
    /// First path segments that are Tokencast's own. No upstream may bear one of these names.
    public static let reservedNames: Set<String> = [
        "", "streams", "channels", "tapes", "webhooks", "healthz", "readyz", "metrics", "openapi.json",
        "asyncapi.json",
    ]

    let server: ServerContext

    /// Whether a path is one of Tokencast's own resources, by its first segment.
    private static func isOwn(path: String) -> Bool {
        reservedNames.contains(String(Substring(path.utf8.dropFirst().prefix { $0 != UInt8(ascii: "/") })))
    }

    /// The responder to a request; a request that is refused is answered before this returns.
    func responder(
        to head: HTTPRequestHead,
        on connection: HTTPConnection,
        writer: ResponseWriter,
        eventLoop: EpollLoop
    ) -> (any Responder)? {
        let policy = server.policy
        if let refusal = policy.refusal(of: head) {
            return refuse(writer, head.uri, refusal.status, refusal.message)
        }
        if let page = policy.crossOrigin(of: head) {
            if CrossOrigin.isPreflight(head) {
                writer.head(ResponseHead(status: 204, headers: page.preflight(head)))
                writer.end()
                return nil
            }
            writer.crossOrigin = page
        }
        var target: RequestTarget
        do throws(RequestTarget.Problem) {
            target = try RequestTarget(head.uri, headers: head.headers)
        } catch {
            return refuse(writer, head.uri, 400, error.message)
        }
        if Self.isOwn(path: target.path) { return own(target, head, policy, connection, writer, eventLoop) }
        if server.isDraining {
            return refuse(writer, head.uri, 503, "Tokencast is shutting down", [HeaderField("retry-after", "1")])
        }
        guard
            !head.headers.contains(name: "transfer-encoding")
                || head.headers["transfer-encoding"].map({ $0.lowercased() }) == ["chunked"]
        else {
            return refuse(writer, head.uri, 501, "of transfer codings only chunked is understood")
        }
        if let refusal = policy.bodyRefusal(of: head) {
            return refuse(writer, head.uri, refusal.status, refusal.message)
        }
        let caller: Caller
        do throws(AccessRefusal) {
            caller = try server.configuration.access.caller(head.headers, query: target.query)
            try server.configuration.access.checkCall(caller.principal, channel: target.options.channel)
        } catch {
            writer.reply(error.error, status: error.status, headers: error.headers, in: .matching(path: target.path))
            return nil
        }
        var head = head
        server.configuration.access.removeKeys(of: caller, from: &head.headers, query: &target.query)
        return proxied(head, target, caller, connection, writer, eventLoop)
    }

    /// The responder to a request that is let through, with no key of ours in it.
    private func proxied(
        _ head: HTTPRequestHead,
        _ target: RequestTarget,
        _ caller: Caller,
        _ connection: HTTPConnection,
        _ writer: ResponseWriter,
        _ eventLoop: EpollLoop
    ) -> any Responder {
        let server = server
        let proxy = {
            ProxyResponder(
                head: head,
                target: target,
                caller: caller,
                server: server,
                connection: connection,
                writer: writer,
                eventLoop: eventLoop
            )
        }
        guard let models = ModelsRequest(head, target, server.configuration) else { return proxy() }
        return ModelsResponder(models, server, writer, eventLoop, otherwise: proxy)
    }

    /// The responder to a request for one of our own resources.
    private func own(
        _ target: RequestTarget,
        _ head: HTTPRequestHead,
        _ policy: RequestPolicy,
        _ connection: HTTPConnection,
        _ writer: ResponseWriter,
        _ eventLoop: EpollLoop
    ) -> (any Responder)? {
        let endpoint: Endpoint
        let variables: [String: String]
        switch API.match(method: head.method.rawValue, path: target.path) {
        case .nothing:
            return refuse(writer, target.path, 404, "there is nothing at \(target.path)")
        case .notAllowed(let methods):
            let message = "\(target.path) takes \(methods.joined(separator: ", "))"
            let allow = [HeaderField("allow", methods.joined(separator: ", "))]
            return refuse(writer, target.path, 405, message, allow)
        case .endpoint(let found, let values):
            endpoint = found
            variables = values
        }
        if let refusal = policy.bodyRefusal(of: head) {
            return refuse(writer, target.path, refusal.status, refusal.message)
        }
        let query = Result { () throws(Query.Problem) in try Query(target.query, for: endpoint.parameters) }
        let access = server.configuration.access
        let caller: Caller
        do throws(AccessRefusal) {
            let question = AccessQuestion(
                endpoint: endpoint,
                variables: variables,
                query: try? query.get(),
                origin: variables["id"].flatMap { StreamID($0) }.flatMap { server.hub.record(of: $0)?.origin }
            )
            caller = try access.caller(head.headers, for: question)
        } catch {
            writer.reply(error.error, status: error.status, headers: error.headers, in: .matching(path: target.path))
            return nil
        }
        // Whoever isn't let in learns nothing else.
        guard case .success(let query) = query else {
            if case .failure(let problem) = query { return refuse(writer, target.path, 400, problem.message) }
            return nil
        }
        // What of the request goes on, as a stream without its caller, has no key of ours in it either.
        var head = head
        var noQuery: String?
        access.removeKeys(of: caller, from: &head.headers, query: &noQuery)
        // A socket may send requests too, whatever it was opened for.
        if let shown = caller.shown { _ = server.seenSecrets.adding([shown]) }
        server.hub.readUnread(on: eventLoop)
        let request = APIRequest(
            endpoint: endpoint,
            variables: variables,
            query: query,
            target: target,
            head: head,
            caller: caller,
            server: server,
            connection: connection,
            writer: writer,
            eventLoop: eventLoop
        )
        return responder(to: request)
    }

    /// Whoever is refused is to understand why, so the words are those of the provider that the target's path is of.
    private func refuse(
        _ writer: ResponseWriter,
        _ target: String,
        _ status: Int,
        _ message: String,
        _ headers: [HeaderField] = []
    ) -> (any Responder)? {
        let error = StreamError(message: message, type: "invalid_request_error", status: status)
        let path = String(Substring(target.utf8.prefix { $0 != UInt8(ascii: "?") }))
        writer.reply(error, status: status, headers: headers, in: .matching(path: path))
        return nil
    }
}
