import NIOCore
import Tapes
import Upstream

/// Plays a tape as an upstream would have delivered it: same chunks, at the recorded times.
///
/// Deadlines are absolute, so lateness of one chunk doesn't add to the next. Confined to its event loop.
final class ReplayTransfer: ExchangeSource {
    private let tape: Tape
    private let schedule: ReplaySchedule
    private let eventLoop: any EventLoop
    private let started = NIODeadline.now()
    private var receiver: (any UpstreamReceiver)?
    private var isHeadSent = false
    private var nextChunk = 0
    private var isPaused = false
    private var timer: Scheduled<Void>?

    init(_ tape: Tape, speed: Double, on eventLoop: any EventLoop, receiver: any UpstreamReceiver) {
        self.tape = tape
        self.schedule = ReplaySchedule(tape, speed: speed)
        self.eventLoop = eventLoop
        self.receiver = receiver
    }

    /// Begins in a later turn: a receiver is never called from within the call that makes it.
    func start() { schedule(at: started) }

    func cancel() {
        timer?.cancel()
        receiver = nil
    }

    /// Ends it as libcurl's transfers end when the server stops.
    func shutDown() {
        guard let receiver else { return }
        cancel()
        let elapsed = (NIODeadline.now() - started).nanoseconds / 1000
        receiver.end(UpstreamFailure(.shutdown, "the proxy is shutting down"), offset: Int(elapsed))
        receiver.turnEnded()
    }

    func pause() { isPaused = true }

    func resume() {
        guard isPaused else { return }
        isPaused = false
        schedule(at: .now())
    }

    func send(_ part: ByteBuffer?) {}

    private func schedule(at deadline: NIODeadline) {
        timer?.cancel()
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        timer = eventLoop.scheduleTask(deadline: deadline) { bound.value.play() }
    }

    /// Delivers all that is due, then sleeps until the next is.
    private func play() {
        guard let receiver, !isPaused else { return }
        let now = NIODeadline.now()
        let elapsed = (now - started).nanoseconds / 1000
        if !isHeadSent, let due = schedule.head {
            guard due <= elapsed else { return schedule(at: deadline(due)) }
            isHeadSent = true
            if let head = head(offset: Int(elapsed)) { receiver.head(head) }
        }
        while nextChunk < schedule.chunks.count, schedule.chunks[nextChunk].due <= elapsed {
            receiver.chunk(ByteBuffer(bytes: schedule.chunks[nextChunk].bytes), offset: Int(elapsed))
            nextChunk += 1
            // A chunk may have ended the exchange.
            if self.receiver == nil || isPaused { return receiver.turnEnded() }
        }
        if nextChunk < schedule.chunks.count {
            receiver.turnEnded()
            return schedule(at: deadline(schedule.chunks[nextChunk].due))
        }
        let end = schedule.end ?? 0
        guard end <= elapsed else {
            receiver.turnEnded()
            return schedule(at: deadline(end))
        }
        self.receiver = nil
        receiver.end(failure, offset: Int(elapsed))
        receiver.turnEnded()
    }

    private func deadline(_ due: Int64) -> NIODeadline { started + .microseconds(due) }

    private func head(offset: Int) -> UpstreamHead? {
        tape.response.map { response in
            UpstreamHead(
                status: response.status,
                reason: ResponseHead(status: response.status).reason,
                httpVersion: response.httpVersion,
                headers: response.headers.map { HeaderField($0.name, $0.value) },
                offset: offset
            )
        }
    }

    /// How the recorded exchange failed, to fail the same way.
    private var failure: UpstreamFailure? {
        guard let reason = tape.end?.reason else { return nil }
        return UpstreamFailure(replaying: reason)
    }
}

extension UpstreamFailure {
    fileprivate init?(replaying reason: TapeEnd.Reason) {
        let failure: Reason
        switch reason {
        case .upstreamShort: failure = .short
        case .upstreamReset: failure = .reset
        case .timeoutFirst: failure = .firstByteTimeout
        case .timeoutIdle, .timeoutTotal: failure = .idleTimeout
        case .connectFailed: failure = .refused
        case .tls: failure = .tls
        default: return nil
        }
        self.init(failure, "replayed from a tape: \(reason)")
    }

    /// The reason to write into a tape.
    var tapeReason: TapeEnd.Reason {
        switch reason {
        case .dns, .refused, .connectTimeout, .invalidRequest: .connectFailed
        case .tls: .tls
        case .firstByteTimeout: .timeoutFirst
        case .idleTimeout: .timeoutIdle
        case .short: .upstreamShort
        case .reset, .malformed: .upstreamReset
        case .shutdown: .shutdown
        }
    }
}
