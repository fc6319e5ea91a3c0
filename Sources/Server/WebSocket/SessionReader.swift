import Broadcast
import NIOCore

/// One subscription of a socket.
final class SessionReader: ReaderConnection {
    let target: SessionTarget
    private let subscription: Subscription
    /// Holds this in turn, until the subscription is over.
    private let session: SessionConnection

    init(_ target: SessionTarget, _ subscription: Subscription, _ session: SessionConnection) {
        self.target = target
        self.subscription = subscription
        self.session = session
    }

    /// Whether its log is found.
    var isReading: Bool { subscription.isReading }

    func begin() { subscription.begin(.webSocket, for: self) }

    func catchUp() { subscription.writable() }

    func cancel() { subscription.cancel() }

    // MARK: ReaderConnection

    var isWritable: Bool { session.isWritable }

    func write(_ bytes: ByteBuffer) { session.write(bytes) }

    func ended(_ reason: ReaderEnd) { session.ended(self, reason) }
}
