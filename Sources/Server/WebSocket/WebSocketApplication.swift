/// What is done with a WebSocket's messages. All calls come on the connection's event loop.
package protocol WebSocketApplication: AnyObject {
    /// The handshake is done; the connection takes messages.
    func opened(_ connection: WebSocketConnection)
    /// A whole text, in UTF-8.
    func received(text: [UInt8])
    func received(binary: [UInt8])
    /// The socket takes more after it didn't.
    func writable()
    /// The peer has taken nothing for too long while there was something for it.
    func stalled()
    /// The server is about to stop.
    func draining()
    /// The connection is gone or about to be: nothing that is sent from now on arrives.
    func closed()
}
