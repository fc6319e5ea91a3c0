import Broadcast
import NIOCore
import WebSockets

/// A reader over a WebSocket: a text frame per event.
final class WebSocketSubscriber: WebSocketApplication, ReaderConnection {
    private let subscription: Subscription
    private let server: ServerContext
    private weak var connection: WebSocketConnection?

    init(_ subscription: Subscription, _ server: ServerContext) {
        self.subscription = subscription
        self.server = server
    }

    // MARK: ReaderConnection

    var isWritable: Bool { connection?.isWritable ?? false }

    func write(_ bytes: ByteBuffer) { connection?.write(bytes) }

    func ended(_ reason: ReaderEnd) {
        switch reason {
        case .complete: connection?.close(.normal)
        case .incomplete: connection?.close(.policyViolation)
        case .shutdown: connection?.close(.serviceRestart)
        }
    }

    // MARK: WebSocketApplication

    func opened(_ connection: WebSocketConnection) {
        self.connection = connection
        server.counters.webSocketSubscribers.add()
        subscription.begin(.webSocket, for: self)
    }

    func received(text: [UInt8]) {
        let answer = #"{"type":"error","code":"unsupported","message":"this socket takes no messages"}"#
        connection?.answer(.text, Array(answer.utf8))
    }

    func received(binary: [UInt8]) { connection?.close(.unsupportedData) }

    func writable() { subscription.writable() }

    func draining() {
        if !subscription.isReading { connection?.close(.serviceRestart) }
    }

    func closed() {
        server.counters.webSocketSubscribers.subtract()
        subscription.cancel()
    }
}
