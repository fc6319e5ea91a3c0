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
        }
    }

    func listChannels(_ request: APIRequest) -> (any Responder)? {
        request.reply(ChannelListing.json(request.principal, server.hub))
        return nil
    }

    func createStream(_ request: APIRequest) -> (any Responder)? {
        request.readJSON(atMost: server.configuration.maximumBufferedBody) { value in
            answering(request) { () throws(APIRefusal) in
                let order = try DetachedRequest(value, caller: request.head.headers)
                let record = try DetachedStream.create(order, request.principal, server, on: request.eventLoop)
                let headers = [
                    HeaderField("location", "/streams/\(record.id)"),
                    HeaderField("Tokencast-Stream", record.id.description),
                ]
                var bytes: [UInt8] = []
                record.appendSummary(to: &bytes)
                request.reply(bytes, status: 201, headers: headers)
            }
        }
    }

    func cancelStream(_ request: APIRequest) -> (any Responder)? {
        do throws(APIRefusal) {
            let stopped = try StreamCancellation.cancel(request.variables["id"] ?? "", request.principal, server.hub)
            return DeferredResponder(stopped, on: request.eventLoop) { _ in
                request.writer.head(ResponseHead(status: 204))
                request.writer.end()
            }
        } catch {
            request.refuse(error)
            return nil
        }
    }

    /// Answers with what `body` says, or with why it refuses.
    private func answering(_ request: APIRequest, _ body: () throws(APIRefusal) -> Void) -> (any Responder)? {
        do throws(APIRefusal) { try body() } catch { request.refuse(error) }
        return nil
    }
}
