import Broadcast
import Upstream

/// What a reader does next: takes what the network says, and returns what is to be done. It knows no sockets, no clock
/// and no chance.
struct StreamFollower {
    enum Action: Equatable {
        /// Send the request, with this `Last-Event-ID`.
        case connect(lastEventID: String?)
        /// Hand an event to the reader.
        case give(TokenStreamEvent)
        case report(TokenStream.ConnectionState)
        /// Call ``waited()`` when this time is over.
        case wait(Duration)
        /// Close the connection, if there still is one.
        case close
        /// Nothing follows.
        case finish(TokenStreamError?)
    }

    /// An answer's head, as far as it matters.
    struct Head: Equatable {
        var status: Int
        var type: String?
        var retryAfter: String?
    }

    private enum State {
        case idle
        case connecting
        case reading
        /// An answer that is no event stream: its body says why.
        case refused(Head, body: [UInt8])
        case waiting
        case over
    }

    private let address: StreamAddress
    private let reconnection: TokenStream.Reconnection
    private var state = State.idle
    private var intake: EventIntake
    private var backoff: Backoff
    private var wasConnected = false

    /// How much of a refusal's body is looked at, in bytes.
    private static let refusalLimit = 16 << 10

    init(_ address: StreamAddress, since: TokenStream.Since, reconnection: TokenStream.Reconnection) {
        self.address = address
        self.reconnection = reconnection
        intake = EventIntake(address.subject, since: since)
        backoff = Backoff(reconnection)
    }

    /// Begins; harmless when called again.
    mutating func begin() -> [Action] {
        guard case .idle = state else { return [] }
        return connect()
    }

    /// The time to wait is over.
    mutating func waited() -> [Action] {
        guard case .waiting = state else { return [] }
        return connect()
    }

    /// The reader wants no more.
    mutating func cancel() -> [Action] {
        if case .over = state { return [] }
        return finish(nil)
    }

    /// An answer begins.
    mutating func head(_ head: Head) -> [Action] {
        guard case .connecting = state else { return [] }
        switch head.status {
        case 200 where head.type?.lowercased().hasPrefix("text/event-stream") == true:
            state = .reading
            wasConnected = true
            return [.report(.init(isConnected: true, problem: nil, retryAfter: nil, failures: 0))]
        case 204:
            // All was read before.
            return finish(nil)
        default:
            state = .refused(head, body: [])
            return []
        }
    }

    /// A piece of an answer's body.
    mutating func received(_ bytes: RawSpan) -> [Action] {
        switch state {
        case .reading:
            backoff.succeeded()
            do throws(EventStreamProblem) {
                let events = try intake.take(bytes)
                if let retry = intake.retry { backoff.serverWait = retry }
                let given = events.map { Action.give($0) }
                return intake.isOver ? given + finish(nil) : given
            } catch {
                return error.given.map { .give($0) } + finish(TokenStreamError(.malformed, error.message))
            }
        case .refused(let head, var body):
            let room = Self.refusalLimit - body.count
            bytes.withUnsafeBytes { body.append(contentsOf: $0.prefix(room)) }
            state = .refused(head, body: body)
            return []
        default:
            return []
        }
    }

    /// The answer is over, or none came.
    ///
    /// - Parameters:
    ///   - failure: why; nil where the server ended it in an orderly way.
    ///   - now: on a clock that never goes back.
    ///   - chance: from 0 to 1, drawn at random.
    mutating func ended(_ failure: UpstreamFailure?, at now: ContinuousClock.Instant, chance: Double) -> [Action] {
        switch state {
        case .idle, .waiting, .over:
            return []
        case .refused(let head, let body):
            let error = Refusal.error(head, body: body)
            guard Refusal.passes(head) else { return finish(error) }
            let wanted = head.retryAfter.flatMap { Int($0) }.map { Duration.seconds(min(max($0, 0), 3600)) }
            return retry(error.description, at: now, chance: chance, atLeast: wanted)
        case .connecting, .reading:
            let isLasting = failure?.reason == .invalidRequest || failure?.reason == .tls && !wasConnected
            guard let failure else { return retry("the server ended the connection", at: now, chance: chance) }
            guard !isLasting else { return finish(TokenStreamError(.unreachable, failure.message)) }
            return retry(failure.message, at: now, chance: chance)
        }
    }

    private mutating func connect() -> [Action] {
        state = .connecting
        intake.reconnect()
        return [.connect(lastEventID: intake.token)]
    }

    private mutating func retry(
        _ problem: String,
        at now: ContinuousClock.Instant,
        chance: Double,
        atLeast wanted: Duration? = nil
    ) -> [Action] {
        guard wasConnected || reconnection.waitsForFirst,
            let wait = backoff.failed(at: now, chance: chance, atLeast: wanted)
        else { return finish(TokenStreamError(.unreachable, problem)) }
        state = .waiting
        let failures = backoff.failures
        return [
            .report(.init(isConnected: false, problem: problem, retryAfter: wait, failures: failures)), .wait(wait),
        ]
    }

    private mutating func finish(_ error: TokenStreamError?) -> [Action] {
        state = .over
        return [.close, .finish(error)]
    }
}
