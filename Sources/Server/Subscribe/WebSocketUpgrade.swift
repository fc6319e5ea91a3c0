import NIOCore
import NIOWebSocket

/// Turns a connection over to WebSocket handlers once the request is read to its end.
///
/// Not before: until then NIO's HTTP decoder still has parts to hand on, which only the HTTP handler understands.
final class WebSocketUpgrade: Responder {
    private let handshake: WebSocketHandshake
    private let connection: HTTPConnection
    private let makeSubscriber: () -> WebSocketSubscriber

    init(
        _ handshake: WebSocketHandshake,
        _ connection: HTTPConnection,
        _ makeSubscriber: @escaping () -> WebSocketSubscriber
    ) {
        self.handshake = handshake
        self.connection = connection
        self.makeSubscriber = makeSubscriber
    }

    func bodyEnded() {
        let subscriber = makeSubscriber()
        let decoder = ByteToMessageHandler(WebSocketFrameDecoder(maxFrameSize: 1 << 16))
        guard connection.upgrade(response: handshake.response, to: [decoder, subscriber]) else { return }
        subscriber.open()
    }
}
