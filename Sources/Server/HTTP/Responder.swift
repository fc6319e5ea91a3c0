import NIOCore

/// Answers one request. All calls come on the connection's event loop.
protocol Responder: AnyObject {
    /// The connection knows of this responder by now; whatever is written may find the caller gone.
    func begin()
    /// A part of the request's body.
    func body(_ part: ByteBuffer)
    func bodyEnded()
    /// The response has caught up with the socket after it was behind.
    func writable()
    /// The caller is gone before the response was complete.
    func disconnected()
}

extension Responder {
    func begin() {}
    func body(_ part: ByteBuffer) {}
    func bodyEnded() {}
    func writable() {}
    func disconnected() {}
}
