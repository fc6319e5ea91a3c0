import Broadcast
import NIOCore
import Upstream

extension Router {
    /// Who answers a request to an endpoint; nil where it is answered already.
    func responder(to request: APIRequest) -> (any Responder)? {
        switch request.endpoint.operation {
        case .index: text(IndexPage.text, request)
        case .health: text("ok\n", request)
        case .readiness:
            server.isDraining ? text("draining\n", request, status: 503) : text("ready\n", request)
        case .metrics:
            text(MetricsText(server.counters).text, request, type: "text/plain; version=0.0.4; charset=utf-8")
        case .readStream: Subscriber.begin(.stream(request.variables["id"] ?? ""), request)
        case .readChannel: Subscriber.begin(.channel(request.variables["name"] ?? ""), request)
        case .listStreams where request.wantsSocket, .listChannels where request.wantsSocket:
            Subscriber.bareWebSocket(request)
        case .listStreams: listStreams(request)
        case .createStream: createStream(request)
        case .cancelStream: cancelStream(request)
        case .listChannels: listChannels(request)
        case .publish: publish(request)
        case .listTapes: tapes(.list, request)
        case .verifyTapes: tapes(.verify, request)
        case .listTapeRequests: tapes(.requests, request)
        case .resetTapes: tapes(.reset, request)
        }
    }

    private func text(
        _ text: String,
        _ request: APIRequest,
        status: Int = 200,
        type: String = "text/plain; charset=utf-8"
    ) -> (any Responder)? {
        request.writer.reply(status: status, contentType: type, text)
        return nil
    }

    private func tapes(_ resource: TapesRequest.Resource, _ request: APIRequest) -> (any Responder)? {
        do throws(TapesRequest.Problem) {
            let tapes = try TapesRequest(resource, request.query, decks: server.configuration.decks)
            return TapesResponder(tapes, request.writer, request.eventLoop)
        } catch {
            request.refuse(error.status, error.message)
            return nil
        }
    }
}
