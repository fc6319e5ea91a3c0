import EventLoops
import NIOCore
import Server
import Upstream

/// Does what a ``StreamFollower`` says: one reader's requests, one after another.
///
/// `@unchecked Sendable`: what changes is touched on `eventLoop` only; the inbox guards itself.
final class StreamConnection: UpstreamReceiver, @unchecked Sendable {
    let inbox: EventInbox
    private let engine: UpstreamEngine
    private let eventLoop: EpollLoop
    private let request: UpstreamRequest
    private let onConnection: (@Sendable (TokenStream.ConnectionState) -> Void)?
    private var follower: StreamFollower
    private var transfer: UpstreamTransfer?
    private var timer: Scheduled<Void>?
    private var isPaused = false

    /// For the transfers of all readers in the process; it is never stopped.
    private static let shared = UpstreamEngine()

    init(_ stream: TokenStream) throws(TokenStreamError) {
        let address = try StreamAddress(stream.url, since: stream.since, catchUp: stream.catchUp)
        engine = Self.shared
        let eventLoop: EpollLoop
        do throws(LoopFailure) {
            eventLoop = try EpollLoopGroup.shared()
        } catch {
            throw TokenStreamError(.unreachable, "no request can be sent: \(error)")
        }
        self.eventLoop = eventLoop
        request = try Self.request(address.url, stream)
        onConnection = stream.onConnection
        follower = StreamFollower(address, since: stream.since, reconnection: stream.reconnection)
        let room = Room()
        inbox = EventInbox { eventLoop.execute { room.connection?.resume() } }
        room.connection = self
    }

    /// Leads from the inbox back to its connection, which owns it.
    ///
    /// `@unchecked Sendable`: set before anybody else knows of it.
    private final class Room: @unchecked Sendable {
        weak var connection: StreamConnection?
    }

    private static func request(_ url: String, _ stream: TokenStream) throws(TokenStreamError) -> UpstreamRequest {
        var request = UpstreamRequest(method: "GET", url: url)
        request.headers = [
            HeaderField("accept", "text/event-stream"),
            HeaderField("accept-encoding", "identity"),
            HeaderField("cache-control", "no-cache"),
            HeaderField("user-agent", "tokencast/\(tokencastVersion)"),
        ]
        if let key = stream.key {
            guard key.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
                throw TokenStreamError(.unauthorized, "the key has characters that no key has")
            }
            request.headers.append(HeaderField("authorization", "Bearer \(key)"))
        }
        request.timeouts.firstByte = stream.reconnection.idle
        request.timeouts.idle = stream.reconnection.idle
        return request
    }

    /// Begins; harmless when called again.
    func begin() {
        eventLoop.execute { self.perform(self.follower.begin()) }
    }

    /// Closes the connection; the reader gets nothing more.
    func cancel() {
        inbox.finish(nil, dropping: true)
        eventLoop.execute { self.perform(self.follower.cancel()) }
    }

    private func perform(_ actions: [StreamFollower.Action]) {
        for action in actions {
            switch action {
            case .connect(let lastEventID): connect(after: lastEventID)
            case .give(let event): give(event)
            case .report(let state): onConnection?(state)
            case .wait(let time):
                timer = eventLoop.scheduleTask(in: TimeAmount(time)) { self.perform(self.follower.waited()) }
            case .close: close()
            case .finish(let error): inbox.finish(error)
            }
        }
    }

    private func connect(after lastEventID: String?) {
        timer = nil
        isPaused = false
        var request = request
        if let lastEventID { request.headers.append(HeaderField("last-event-id", lastEventID)) }
        transfer = engine.start(request, on: eventLoop, receiver: self)
    }

    private func close() {
        timer?.cancel()
        timer = nil
        transfer?.cancel()
        transfer = nil
    }

    private func give(_ event: TokenStreamEvent) {
        guard !inbox.put(event), !isPaused, let transfer else { return }
        isPaused = true
        transfer.pause()
    }

    private func resume() {
        guard isPaused, let transfer else { return }
        isPaused = false
        transfer.resume()
    }

    // MARK: UpstreamReceiver

    func head(_ head: UpstreamHead) {
        let type = head.headers.first("content-type")
        let retryAfter = head.headers.first("retry-after")
        perform(follower.head(.init(status: head.status, type: type, retryAfter: retryAfter)))
    }

    func chunk(_ bytes: ByteBuffer, offset: Int) {
        perform(bytes.withUnsafeReadableBytes { follower.received($0.bytes) })
    }

    func end(_ failure: UpstreamFailure?, offset: Int) {
        transfer = nil
        perform(follower.ended(failure, at: .now, chance: .random(in: 0...1)))
    }

    func bodyConsumed(_ count: Int) {}
    func turnEnded() {}
}
