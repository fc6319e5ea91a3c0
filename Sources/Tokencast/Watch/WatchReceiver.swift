import NIOCore
import ServerSentEvents
import Upstream

/// Parses one subscription's bytes. Confined to its event loop.
final class WatchReceiver: UpstreamReceiver {
    struct Outcome: Sendable {
        var status: Int?
        var failure: UpstreamFailure?
        /// The last event that was handed on.
        var lastID: String?
        /// The body of an answer that isn't an event stream.
        var text = ""
    }

    private let promise: EventLoopPromise<Outcome>
    private var outcome = Outcome()
    private var parser = EventStreamParser()
    private var events: Events

    init(_ promise: EventLoopPromise<Outcome>, _ onEvent: @escaping (WatchedEvent) -> Void) {
        self.promise = promise
        events = Events(onEvent: onEvent)
    }

    func head(_ head: UpstreamHead) { outcome.status = head.status }

    func chunk(_ bytes: ByteBuffer, offset: Int) {
        guard outcome.status == 200 else {
            if outcome.text.utf8.count < 4096 { outcome.text += String(buffer: bytes) }
            return
        }
        do {
            try bytes.withUnsafeReadableBytes { try parser.parse($0.bytes, into: &events) }
        } catch {
            outcome.failure = UpstreamFailure(.malformed, "\(error)")
        }
    }

    func end(_ failure: UpstreamFailure?, offset: Int) {
        outcome.failure = outcome.failure ?? failure
        outcome.lastID = events.lastID
        promise.succeed(outcome)
    }

    func bodyConsumed(_ count: Int) {}
    func turnEnded() {}

    private struct Events: EventStreamHandler {
        let onEvent: (WatchedEvent) -> Void
        var lastID: String?

        mutating func event(name: RawSpan, data: RawSpan, lastEventID: RawSpan) {
            let event = WatchedEvent(name: text(name), id: text(lastEventID), data: text(data))
            lastID = event.id.isEmpty ? lastID : event.id
            onEvent(event)
        }

        private func text(_ bytes: RawSpan) -> String {
            bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
        }
    }
}
