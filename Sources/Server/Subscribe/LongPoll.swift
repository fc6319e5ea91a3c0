import Broadcast
import Dialects
import EventLoops
import NIOCore
import Upstream

/// A reader that asks again and again: it waits for the next events, gets them in one JSON document, and leaves.
///
/// Everything that is there in one turn of the event loop comes together, up to a limit; the next request goes on behind.
final class LongPoll: Responder, ReaderConnection {
    /// How the wait ended.
    private enum Status: String {
        case events, timeout, closed
    }

    private let request: APIRequest
    private let server: ServerContext
    private let subscription: Subscription
    private let timeout: TimeAmount
    /// Whether the log's end is the end of what was asked for; a channel goes on behind each stream.
    private let endsWithLog: Bool
    /// What the reader has, as it says itself.
    private let since: ResumeToken?
    private var events = ByteBuffer()
    private var isJoined = false
    /// Whether there is no time to wait left.
    private var isLate: Bool
    private var isOver = false
    private var timer: LoopTimer?

    /// The most that one answer holds, about.
    private static let limit = 1 << 20

    init(_ request: APIRequest, _ subscription: Subscription, _ terms: SubscriptionRequest.Terms) {
        self.request = request
        server = request.server
        self.subscription = subscription
        timeout = .nanoseconds(Int64((request.query.seconds("timeout") ?? 30) * 1e9))
        isLate = timeout == .zero
        endsWithLog = request.endpoint.operation == .readStream
        if case .after(let token) = terms.position { since = token } else { since = nil }
    }

    func begin() {
        server.counters.longPollSubscribers.add()
        if !isLate {
            timer = request.eventLoop.after(timeout) { [weak self] in self?.timedOut() }
        }
        subscription.begin(.json, for: self)
        // Who doesn't wait gets what there is, also where there is no stream yet that could be read.
        if isLate, !subscription.isReading { timedOut() }
    }

    private func timedOut() {
        isLate = true
        // A log of another loop may not have shown yet what it has.
        guard isJoined || !subscription.isReading else { return }
        answer(events.readableBytes > 0 ? .events : .timeout)
    }

    // MARK: ReaderConnection

    var isWritable: Bool { !isOver && events.readableBytes < Self.limit }

    func write(_ bytes: ByteBuffer) {
        guard bytes.readableBytes > 0 else { return }
        let isFirst = events.readableBytes == 0
        if !isFirst { events.writeInteger(UInt8(ascii: ",")) }
        events.writeImmutableBuffer(bytes)
        if isFirst, isJoined { answerSoon() }
    }

    func joined() {
        isJoined = true
        if events.readableBytes > 0 { return answerSoon() }
        if isLate { answer(.timeout) }
    }

    /// Behind what else comes in this turn.
    private func answerSoon() {
        let bound = NIOLoopBound(self, eventLoop: request.eventLoop)
        request.eventLoop.execute { bound.value.answer(.events) }
    }

    func ended(_ reason: ReaderEnd) {
        switch reason {
        case .complete where endsWithLog: answer(.closed)
        case .complete, .shutdown: answer(events.readableBytes > 0 ? .events : .timeout)
        case .incomplete:
            guard leave() else { return }
            request.refuse(APIRefusal(410, "trimmed", "events behind that are gone: begin again"))
        }
    }

    // MARK: Responder

    func disconnected() { _ = leave() }

    private func answer(_ status: Status) {
        let next = subscription.token ?? since
        guard leave() else { return }
        let stream = subscription.streamID.map { [HeaderField("Tokencast-Stream", $0.description)] } ?? []
        if subscription.view == .cloudevents { return answer(status, batch: next, stream) }
        var body: [UInt8] = []
        body.append(verbatim: "{\"status\":\"")
        body.append(contentsOf: status.rawValue.utf8)
        body.append(verbatim: "\",\"events\":[")
        body.append(contentsOf: events.readableBytesView)
        body.append(verbatim: "],\"next\":")
        body.appendJSON(string: next?.description)
        body.append(UInt8(ascii: "}"))
        events = ByteBuffer()
        request.reply(body, headers: stream)
    }

    /// Answers with a batch of CloudEvents, which has no place for anything else.
    private func answer(_ status: Status, batch next: ResumeToken?, _ headers: [HeaderField]) {
        let message = CloudEventMessage.batch(events.readableBytesView)
        events = ByteBuffer()
        var fields = message.headers.map { HeaderField($0.name, $0.value) }
        fields.append(HeaderField("cache-control", "no-store"))
        fields.append(HeaderField("Tokencast-Status", status.rawValue))
        if let next { fields.append(HeaderField("Tokencast-Next", next.description)) }
        request.writer.reply(ResponseHead(status: 200, headers: fields + headers), ByteBuffer(bytes: message.body))
    }

    /// Counts the reader out, once.
    private func leave() -> Bool {
        guard !isOver else { return false }
        isOver = true
        timer?.cancel()
        subscription.cancel()
        server.subscribers.leave()
        server.counters.longPollSubscribers.subtract()
        return true
    }
}
