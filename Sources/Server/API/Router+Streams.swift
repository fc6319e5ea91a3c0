import Broadcast
import Dialects
import NIOHTTP1
import Upstream

/// The operations on streams and channels as such; how they are read is the subscribers'.
extension Router {
    func listStreams(_ request: APIRequest) -> (any Responder)? {
        answering(request) { () throws(APIRefusal) in
            let terms = try StreamListing.Terms(request.query)
            request.reply(StreamListing.page(terms, request.principal, server.hub))
            return nil
        }
    }

    func listChannels(_ request: APIRequest) -> (any Responder)? {
        request.reply(ChannelListing.json(request.principal, server.hub))
        return nil
    }

    func createStream(_ request: APIRequest) -> (any Responder)? {
        request.readJSON(atMost: min(8 << 20, server.configuration.maximumBufferedBody)) { value in
            answering(request) { () throws(APIRefusal) in
                let order = try DetachedRequest(value, caller: request.head.headers)
                let record = try DetachedStream.create(order, request.caller, server, on: request.eventLoop)
                let location = HeaderField("location", "/streams/\(record.id)")
                return request.replySnapshot(of: record, status: 201, headers: [location])
            }
        }
    }

    func cancelStream(_ request: APIRequest) -> (any Responder)? {
        answering(request) { () throws(APIRefusal) in
            let stopped = try StreamCancellation.cancel(request.variables["id"] ?? "", request.principal, server.hub)
            return DeferredResponder(stopped, on: request.eventLoop) { _ in
                request.writer.head(ResponseHead(status: 204))
                request.writer.end()
            }
        }
    }

    /// Answers with who answers later, or with why that is refused.
    func answering(
        _ request: APIRequest,
        _ body: () throws(APIRefusal) -> (any Responder)?
    ) -> (any Responder)? {
        do throws(APIRefusal) {
            return try body()
        } catch {
            request.refuse(error)
            return nil
        }
    }
}
