import Broadcast
import Dialects
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

    /// The responder to a request; a request that is refused is answered before this returns.
    func responder(
        to head: HTTPRequestHead,
        on connection: HTTPConnection,
        writer: ResponseWriter,
        eventLoop: any EventLoop
    ) -> (any Responder)? {
        // Whoever is refused is to understand why, so the words are those of the path's provider.
        let path = String(head.uri.prefix { $0 != "?" })
        let configuration = server.configuration
        let policy = RequestPolicy(
            allowedHosts: configuration.allowedHosts,
            allowedOrigins: configuration.allowedOrigins
        )
        if let refusal = policy.refusal(of: head) {
            return refuse(writer, path, refusal.status, refusal.message)
        }
        let target: RequestTarget
        do throws(RequestTarget.Problem) {
            target = try RequestTarget(head.uri, headers: head.headers)
        } catch {
            return refuse(writer, path, 400, error.message)
        }
        let segments = target.path.dropFirst().split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let first = segments.first.map(String.init) ?? ""
        if first == "tapes" {
            if let refusal = policy.bodyRefusal(of: head) {
                return refuse(writer, path, refusal.status, refusal.message)
            }
            return tapes(segments.count > 1 ? String(segments[1]) : nil, target, head, writer, eventLoop)
        }
        if Self.reservedNames.contains(first) {
            return own(first, segments.count > 1 ? segments[1] : nil, target, head, connection, writer, eventLoop)
        }
        if server.isDraining {
            return refuse(writer, path, 503, "Tokencast is shutting down", [HeaderField("retry-after", "1")])
        }
        let coding = head.headers["transfer-encoding"]
        guard coding.isEmpty || coding.map({ $0.lowercased() }) == ["chunked"] else {
            return refuse(writer, path, 501, "of transfer codings only chunked is understood")
        }
        if let refusal = policy.bodyRefusal(of: head) {
            return refuse(writer, path, refusal.status, refusal.message)
        }
        let server = server
        let proxy = {
            ProxyResponder(
                head: head,
                target: target,
                server: server,
                connection: connection,
                writer: writer,
                eventLoop: eventLoop
            )
        }
        guard let models = ModelsRequest(head, target, configuration) else { return proxy() }
        return ModelsResponder(models, server, writer, eventLoop, otherwise: proxy)
    }

    private func own(
        _ first: String,
        _ rest: Substring?,
        _ target: RequestTarget,
        _ head: HTTPRequestHead,
        _ connection: HTTPConnection,
        _ writer: ResponseWriter,
        _ eventLoop: any EventLoop
    ) -> (any Responder)? {
        let isKnown = ["", "healthz", "readyz", "metrics"].contains(first) ? rest == nil : rest?.isEmpty == false
        guard isKnown, ["", "healthz", "readyz", "metrics", "streams", "channels"].contains(first) else {
            return refuse(writer, target.path, 404, "there is nothing at \(target.path)")
        }
        guard head.method == .GET || head.method == .HEAD else {
            let allow = [HeaderField("allow", "GET, HEAD")]
            return refuse(writer, target.path, 405, "\(target.path) takes GET", allow)
        }
        switch (first, rest) {
        case ("healthz", nil):
            writer.reply(status: 200, contentType: "text/plain; charset=utf-8", "ok\n")
        case ("readyz", nil):
            let isReady = !server.isDraining
            writer.reply(
                status: isReady ? 200 : 503,
                contentType: "text/plain; charset=utf-8",
                isReady ? "ready\n" : "draining\n"
            )
        case ("metrics", nil):
            let text = MetricsText(server.counters).text
            writer.reply(status: 200, contentType: "text/plain; version=0.0.4; charset=utf-8", text)
        case ("", nil):
            writer.reply(status: 200, contentType: "text/plain; charset=utf-8", IndexPage.text)
        case ("streams", let name?), ("channels", let name?):
            let subscription = SubscriptionRequest(
                resource: first == "streams" ? .stream(String(name)) : .channel(String(name)),
                target: target,
                head: head
            )
            return Subscriber.begin(subscription, server, connection, writer, eventLoop)
        default:
            return refuse(writer, target.path, 404, "there is nothing at \(target.path)")
        }
        return nil
    }

    private func tapes(
        _ rest: String?,
        _ target: RequestTarget,
        _ head: HTTPRequestHead,
        _ writer: ResponseWriter,
        _ eventLoop: any EventLoop
    ) -> (any Responder)? {
        guard rest != "", let resource = TapesRequest.Resource(rawValue: rest ?? "") else {
            return refuse(writer, target.path, 404, "there is nothing at \(target.path)")
        }
        guard resource.takes(head.method.rawValue) else {
            let message = "\(target.path) takes \(resource == .reset ? "POST" : "GET")"
            return refuse(writer, target.path, 405, message, [HeaderField("allow", resource.allow)])
        }
        do throws(TapesRequest.Problem) {
            let request = try TapesRequest(resource, target, decks: server.configuration.decks)
            return TapesResponder(request, writer, eventLoop)
        } catch {
            return refuse(writer, target.path, error.status, error.message)
        }
    }

    private func refuse(
        _ writer: ResponseWriter,
        _ path: String,
        _ status: Int,
        _ message: String,
        _ headers: [HeaderField] = []
    ) -> (any Responder)? {
        let error = StreamError(message: message, type: "invalid_request_error", status: status)
        writer.reply(error, status: status, headers: headers, in: .matching(path: path))
        return nil
    }
}
