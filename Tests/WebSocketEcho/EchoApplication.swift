import Server
import WebSockets

/// Sends every message back as it came.
final class EchoApplication: WebSocketApplication {
    private weak var connection: WebSocketConnection?

    func opened(_ connection: WebSocketConnection) { self.connection = connection }

    func received(text: [UInt8]) { connection?.answer(.text, text) }

    func received(binary: [UInt8]) { connection?.answer(.binary, binary) }

    func writable() {}

    func stalled() { connection?.close(.goingAway) }

    func draining() { connection?.close(.goingAway) }

    func closed() {}
}
