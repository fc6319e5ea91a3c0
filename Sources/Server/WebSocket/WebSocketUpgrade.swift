/// Turns a connection over to a WebSocket once the request is read to its end.
///
/// Not before: until then NIO's HTTP decoder still has parts to hand on, which only the HTTP handler understands.
final class WebSocketUpgrade: Responder {
    private let handshake: WebSocketHandshake
    private let connection: HTTPConnection
    private let makeSocket: () -> WebSocketConnection

    init(
        _ handshake: WebSocketHandshake,
        _ connection: HTTPConnection,
        _ makeSocket: @escaping () -> WebSocketConnection
    ) {
        self.handshake = handshake
        self.connection = connection
        self.makeSocket = makeSocket
    }

    func bodyEnded() {
        connection.upgrade(response: handshake.response, to: makeSocket())
    }
}
