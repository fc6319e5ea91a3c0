import Broadcast
import Dialects
import EventLoops
import NIOCore
import NIOHTTP1
import Upstream

/// A request to an endpoint, taken apart and let in.
struct APIRequest {
    var endpoint: Endpoint
    /// What the path's variables stand for, percent-decoded.
    var variables: [String: String]
    var query: Query
    var target: RequestTarget
    var head: HTTPRequestHead
    var caller: Caller
    let server: ServerContext
    let connection: HTTPConnection
    let writer: ResponseWriter
    let eventLoop: EpollLoop

    var principal: Principal { caller.principal }

    /// Whether the connection is to become a WebSocket.
    var wantsSocket: Bool { WebSocketHandshake.isWanted(by: head) }

    /// Answers with an error in OpenAI's words, which most clients know.
    func refuse(_ status: Int, _ message: String, code: String? = nil, headers: [HeaderField] = []) {
        let error = StreamError(message: message, type: "invalid_request_error", code: code, status: status)
        writer.reply(error, status: status, headers: headers, in: .openAI)
    }
}
