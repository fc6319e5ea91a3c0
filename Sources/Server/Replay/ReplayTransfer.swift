import EventLoops
import NIOCore
import Tapes
import Upstream

/// Takes what a replay delivers: what an upstream would, and what no upstream behind a proxy can.
protocol ReplayReceiver: UpstreamReceiver {
    /// The caller's own connection is to be closed in the middle of the answer: with a FIN, or with a RST.
    func drop(reset: Bool, offset: Int)
}

/// Plays a tape as an upstream would have delivered it: at the times of its plan.
///
/// Deadlines are absolute, so lateness of one chunk doesn't add to the next. Confined to its event loop.
final class ReplayTransfer: ExchangeSource {
    private let plan: ReplayPlan
    private var steps: ReplayPlan.Iterator
    private var next: ReplayPlan.Step?
    private let eventLoop: EpollLoop
    private let started: NIODeadline
    private var receiver: (any ReplayReceiver)?
    private var isPaused = false
    private var timer: Scheduled<Void>?

    /// How much goes out in one turn: a receiver that falls behind says so at its end, and other connections get theirs.
    private static let bytesPerTurn = 1 << 20
    private static let chunksPerTurn = 4096

    /// - Parameter started: what the times of the plan count from: to find a tape and to plan takes some as well.
    init(
        _ plan: ReplayPlan,
        since started: NIODeadline,
        on eventLoop: EpollLoop,
        receiver: any ReplayReceiver
    ) {
        self.plan = plan
        self.started = started
        self.eventLoop = eventLoop
        self.receiver = receiver
        steps = plan.makeIterator()
        next = steps.next()
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
        receiver.end(UpstreamFailure(.shutdown, "the proxy is shutting down"), offset: elapsed)
        receiver.turnEnded()
    }

    func pause() { isPaused = true }

    func resume() {
        guard isPaused else { return }
        isPaused = false
        schedule(at: .now())
    }

    func send(_ part: ByteBuffer?) {}

    private var elapsed: Int { Int((NIODeadline.now() - started).nanoseconds / 1000) }

    private func schedule(at deadline: NIODeadline) {
        timer?.cancel()
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        timer = eventLoop.scheduleTask(deadline: deadline) { bound.value.play() }
    }

    /// Delivers all that is due, then sleeps until the next is.
    private func play() {
        guard let receiver, !isPaused else { return }
        let elapsed = self.elapsed
        var bytes = 0
        var chunks = 0
        // A chunk may have ended the exchange.
        while let step = next, step.due <= elapsed, self.receiver != nil, !isPaused {
            guard bytes < Self.bytesPerTurn, chunks < Self.chunksPerTurn else { break }
            next = steps.next()
            switch step.action {
            case .head(let response): receiver.head(head(response, offset: elapsed))
            case .chunk(let slice):
                bytes += slice.count
                chunks += 1
                receiver.chunk(ByteBuffer(bytes: slice), offset: elapsed)
            case .end(let ending): end(ending, receiver, offset: elapsed)
            }
        }
        receiver.turnEnded()
        guard let next, self.receiver != nil, !isPaused else { return }
        schedule(at: started + .microseconds(next.due))
    }

    private func end(_ ending: ReplayPlan.Ending, _ receiver: any ReplayReceiver, offset: Int) {
        switch ending {
        // The receiver is kept, to be told when the server stops.
        case .stall: return
        case .complete: receiver.end(nil, offset: offset)
        case .failure(let reason): receiver.end(UpstreamFailure(replaying: reason), offset: offset)
        case .drop(let reset): receiver.drop(reset: reset, offset: offset)
        }
        self.receiver = nil
    }

    private func head(_ response: Tape.Response, offset: Int) -> UpstreamHead {
        var headers = response.headers.map { HeaderField($0.name, $0.value) }
        // What a failing test has to say, so that it can be run again.
        if plan.rechunk != .recorded { headers.append(HeaderField("Tokencast-Rechunk", plan.rechunk.description)) }
        if !plan.faults.isEmpty {
            let texts = plan.faults.map(\.description).joined(separator: "+")
            headers.append(HeaderField("Tokencast-Fault", texts))
        }
        return UpstreamHead(
            status: response.status,
            reason: ResponseHead(status: response.status).reason,
            httpVersion: response.httpVersion,
            headers: headers,
            offset: offset
        )
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
