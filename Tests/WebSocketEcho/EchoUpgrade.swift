import EventLoops
import NIOCore
import NIOHTTP1
import Server

/// Takes one request, whatever its path, and makes the connection a WebSocket.
final class EchoUpgrade: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart

    private let channel: SocketChannel
    private let sweep: Sweep
    private let limits: WebSocketConnection.Limits
    private var head: HTTPRequestHead?

    init(_ channel: SocketChannel, _ sweep: Sweep, _ limits: WebSocketConnection.Limits) {
        self.channel = channel
        self.sweep = sweep
        self.limits = limits
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): self.head = head
        case .body: break
        case .end:
            guard let head, WebSocketHandshake.isWanted(by: head), let handshake = try? WebSocketHandshake(head) else {
                channel.send(ByteBuffer(string: "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n"))
                return channel.close()
            }
            upgrade(context, handshake)
        }
    }

    private func upgrade(_ context: ChannelHandlerContext, _ handshake: WebSocketHandshake) {
        channel.send(handshake.response)
        let socket = WebSocketConnection(EchoApplication(), sweep, limits: limits)
        let pipeline = context.pipeline.syncOperations
        do {
            try pipeline.addHandler(socket, position: .last)
            let decoder = try pipeline.context(handlerType: ByteToMessageHandler<HTTPRequestDecoder>.self)
            pipeline.removeHandler(context: context, promise: nil)
            // Last: what it holds of the first frames goes to the socket.
            pipeline.removeHandler(context: decoder, promise: nil)
        } catch {
            channel.close()
        }
    }
}
