import Broadcast
import Dialects
import WebSockets

/// A socket's subscriptions and commands, as a state machine: messages and ends go in, what is to be done comes out.
struct WebSocketSession: SocketSession {
    /// What is to be done, in this order.
    enum Action {
        case answer([UInt8])
        case subscribe(SessionTarget, SubscriptionRequest.Terms)
        case unsubscribe(SessionTarget)
        /// To be told to ``finished(_:_:)`` once it is done.
        case run(Operation, ref: JSONValue?)
        case close(CloseCode, String)
    }

    /// What isn't done on the spot.
    enum Operation {
        case publish(channel: String, event: String?, data: JSONValue)
        case publishCloudEvent(channel: String, CloudEvent)
        case create(JSONValue)
        case cancel(StreamID)
    }

    struct Limits {
        /// Subscriptions of one socket.
        var subscriptions = 100
        /// Commands that wait for their answers.
        var pending = 64
    }

    private let limits: Limits
    private var targets: Set<SessionTarget>
    private var pending = 0
    /// What the socket was opened at; nil for none, or once it was unsubscribed from.
    private var initial: SessionTarget?
    /// What to close with once nothing is left to come: set when the subscription that the socket was opened with ended.
    private var closeCode: CloseCode?

    /// - Parameter initial: the subscription that the URL asked for.
    init(initial: SessionTarget?, limits: Limits = .init()) {
        self.limits = limits
        self.initial = initial
        targets = initial.map { [$0] } ?? []
    }

    /// A message came.
    ///
    /// - Parameter refusal: why a channel or stream can't be subscribed to; nil where it can.
    mutating func receive(_ text: [UInt8], refusal: (SessionTarget) -> SessionError?) -> [Action] {
        do throws(SessionCommand.Problem) {
            let command = try SessionCommand(text)
            do throws(SessionError) {
                return try take(command, refusal)
            } catch {
                return [.answer(SessionAnswer.error(error, ref: command.ref).text)]
            }
        } catch {
            return [.answer(SessionAnswer.error(error.error, ref: error.ref).text)]
        }
    }

    private mutating func take(
        _ command: SessionCommand,
        _ refusal: (SessionTarget) -> SessionError?
    ) throws(SessionError) -> [Action] {
        switch command.body {
        case .ping:
            return [.answer(SessionAnswer("pong", ref: command.ref).text)]
        case .subscribe(let wanted):
            // All of it or nothing: half of what was asked for would be a riddle to its reader.
            try check(wanted.map(\.target), refusal)
            targets.formUnion(wanted.map(\.target))
            let answer = SessionAnswer.done("subscribed", wanted.map(\.target), ref: command.ref)
            return [.answer(answer.text)] + wanted.map { .subscribe($0.target, $0.terms) }
        case .unsubscribe(let unwanted):
            if let missing = unwanted.first(where: { !targets.contains($0) }) {
                throw SessionError(.notSubscribed, "there is no subscription to \(missing.name)", missing)
            }
            targets.subtract(unwanted)
            if let initial, unwanted.contains(initial) { self.initial = nil }
            let answer = SessionAnswer.done("unsubscribed", unwanted, ref: command.ref)
            return unwanted.map { .unsubscribe($0) } + [.answer(answer.text)] + closeIfIdle()
        case .publish(let channel, let event, let data):
            return try run(.publish(channel: channel, event: event, data: data), command.ref)
        case .create(let request):
            return try run(.create(request), command.ref)
        case .cancel(let id):
            return try run(.cancel(id), command.ref)
        }
    }

    private func check(
        _ wanted: [SessionTarget],
        _ refusal: (SessionTarget) -> SessionError?
    ) throws(SessionError) {
        for target in wanted {
            if targets.contains(target) {
                throw SessionError(.alreadySubscribed, "\(target.name) is subscribed to already", target)
            }
        }
        guard targets.count + wanted.count <= limits.subscriptions else {
            throw SessionError(.tooMany, "a socket has at most \(limits.subscriptions) subscriptions")
        }
        for target in wanted {
            if var error = refusal(target) {
                error.target = target
                throw error
            }
        }
    }

    private mutating func run(_ operation: Operation, _ ref: JSONValue?) throws(SessionError) -> [Action] {
        guard pending < limits.pending else {
            throw SessionError(.rateLimited, "\(limits.pending) commands wait for their answers; wait for some of them")
        }
        pending += 1
        return [.run(operation, ref: ref)]
    }

    /// An operation is done, and this is its answer.
    mutating func finished(_ answer: SessionAnswer) -> [Action] {
        pending -= 1
        return [.answer(answer.text)] + closeIfIdle()
    }

    /// A subscription is over by itself.
    mutating func ended(_ target: SessionTarget, _ reason: ReaderEnd) -> [Action] {
        guard targets.remove(target) != nil else { return [] }
        if reason == .shutdown { return [.close(.serviceRestart, "")] }
        if target == initial {
            initial = nil
            closeCode = reason == .complete ? .normal : .policyViolation
            // The close frame says it all.
            let close = closeIfIdle()
            guard close.isEmpty else { return close }
            // Whatever became of it, its reader was told; what it has left ends well.
            closeCode = .normal
        }
        return [.answer(SessionAnswer.over(target, reason).text)] + closeIfIdle()
    }

    /// A socket that was opened for one thing is closed once that is over and nothing else was asked for.
    private func closeIfIdle() -> [Action] {
        guard let closeCode, targets.isEmpty, pending == 0 else { return [] }
        return [.close(closeCode, "")]
    }
}
