import Broadcast
import NIOCore

/// Stops streams on request.
enum StreamCancellation {
    /// Stops a stream that runs; one that is over stays as it is.
    ///
    /// - Returns: what is fulfilled once it is over.
    static func cancel(
        _ text: String,
        _ principal: Principal,
        _ hub: Hub
    ) throws(APIRefusal) -> EventLoopFuture<Void> {
        guard let id = StreamID(text), let record = hub.record(of: id) else { throw .noStream(text) }
        guard principal.mayCancel(record.origin) else {
            throw .forbidden("only the key that made a stream may stop it, or one with the scope admin")
        }
        record.cancel()
        // What stops it is ahead of this on its loop.
        return record.log.eventLoop.submit {}
    }
}
