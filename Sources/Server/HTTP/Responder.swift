import NIOCore

/// Answers one request. All calls come on the connection's event loop.
protocol Responder: AnyObject {
    /// A part of the request's body.
    func body(_ part: ByteBuffer)
    func bodyEnded()
    /// The response has caught up with the socket after it was behind.
    func writable()
    /// The caller is gone before the response was complete.
    func disconnected()
}

extension Responder {
    func body(_ part: ByteBuffer) {}
    func bodyEnded() {}
    func writable() {}
    func disconnected() {}
}
