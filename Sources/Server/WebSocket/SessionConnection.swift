import Broadcast
import EventLoops
import NIOCore
import WebSockets

/// A socket on which several channels and streams are read, and commands are given.
///
/// Confined to its event loop.
final class SessionConnection: WebSocketApplication {
    private let server: ServerContext
    private let actions: SessionActions
    private let eventLoop: EpollLoop
    private var session: any SocketSession
    /// What the URL asks for, until the socket is open.
    private var initial: (target: SessionTarget, subscription: Subscription)?
    private var readers: [SessionReader] = []
    /// Which of them is served first when the socket takes more, so that none has it for itself.
    private var turn = 0
    private var isDraining = false
    /// Places among the node's subscribers that the command at hand has taken, and not filled yet.
    private var reserved = 0
    /// Let go of when it is closed; it holds this.
    private var connection: WebSocketConnection?

    /// - Parameters:
    ///   - subprotocol: what is spoken; nil where nothing was agreed on.
    ///   - initial: the subscription that the URL asks for; nil for none.
    init(
        _ server: ServerContext,
        _ actions: SessionActions,
        _ eventLoop: EpollLoop,
        _ subprotocol: Subprotocol?,
        initial: (target: SessionTarget, subscription: Subscription)? = nil
    ) {
        self.server = server
        self.actions = actions
        self.eventLoop = eventLoop
        self.initial = initial
        var limits = WebSocketSession.Limits()
        limits.subscriptions = server.configuration.limits.socketSubscriptions
        if subprotocol == .cloudevents, let target = initial?.target {
            session = CloudEventsSession(target, base: server.publicURL, limits: limits)
        } else {
            session = WebSocketSession(initial: initial?.target, limits: limits)
        }
    }

    // MARK: Readers

    var isWritable: Bool { connection?.isWritable ?? false }

    func write(_ bytes: ByteBuffer) { connection?.write(bytes) }

    /// A subscription is over.
    func ended(_ reader: SessionReader, _ reason: ReaderEnd) {
        guard remove(reader) else { return }
        run(session.ended(reader.target, reason))
    }

    private func add(_ target: SessionTarget, _ subscription: Subscription) {
        let reader = SessionReader(target, subscription, self)
        readers.append(reader)
        server.counters.webSocketSubscribers.add()
        reader.begin()
    }

    private func remove(_ reader: SessionReader) -> Bool {
        guard let index = readers.firstIndex(where: { $0 === reader }) else { return false }
        readers.remove(at: index)
        leave()
        return true
    }

    private func leave() {
        server.counters.webSocketSubscribers.subtract()
        server.subscribers.leave()
    }

    // MARK: What is to be done

    private func run(_ list: [WebSocketSession.Action]) {
        for action in list {
            switch action {
            case .answer(let text):
                connection?.answer(.text, text)
            case .subscribe(let target, let terms):
                subscribe(target, terms)
            case .unsubscribe(let target):
                guard let reader = readers.first(where: { $0.target == target }), remove(reader) else { break }
                reader.cancel()
            case .run(let operation, let ref):
                actions.run(operation, ref: ref, on: eventLoop) { [weak self] answer in
                    guard let self else { return }
                    run(session.finished(answer))
                }
            case .close(let code, let reason):
                connection?.close(code, reason)
            }
        }
    }

    private func subscribe(_ target: SessionTarget, _ terms: SubscriptionRequest.Terms) {
        // An answer may have found the peer gone.
        guard connection?.isOpen == true else { return }
        guard let source = actions.source(of: target, terms.view) else {
            // It was there a moment ago.
            return run(session.ended(target, .incomplete))
        }
        reserved -= 1
        add(target, Subscription(source, terms, server, eventLoop))
    }

    /// Takes a place among the node's subscribers for something that is to be read, if there is one.
    private func reserve(_ target: SessionTarget) -> SessionError? {
        if let refusal = actions.refusal(of: target) { return refusal }
        guard server.subscribers.enter() else {
            return SessionError(.tooMany, APIRefusal.tooManySubscribers.message)
        }
        reserved += 1
        return nil
    }

    // MARK: WebSocketApplication

    func opened(_ connection: WebSocketConnection) {
        self.connection = connection
        guard let (target, subscription) = initial else { return }
        initial = nil
        guard server.subscribers.enter() else {
            return connection.close(.tryAgainLater, APIRefusal.tooManySubscribers.message)
        }
        add(target, subscription)
    }

    func received(text: [UInt8]) {
        run(session.receive(text) { reserve($0) })
        // What was refused as a whole has none of it.
        while reserved > 0 {
            reserved -= 1
            server.subscribers.leave()
        }
    }

    func received(binary: [UInt8]) { connection?.close(.unsupportedData, "messages are JSON texts") }

    func writable() {
        guard !readers.isEmpty else { return }
        turn = (turn + 1) % readers.count
        for reader in readers[turn...] + readers[..<turn] {
            guard isWritable else { return }
            reader.catchUp()
        }
    }

    func stalled() {
        server.counters.stalledSubscribers.add()
        connection?.close(.slow, "nothing was read for too long")
    }

    /// Who reads is let go when what it reads ends; nobody else has to be waited for. They leave spread over the time
    /// that there is, so that they don't all return at once.
    func draining() {
        guard !readers.contains(where: \.isReading) else { return }
        guard !isDraining else { return goAway() }
        isDraining = true
        let window = min(server.configuration.drainTimeout, DrainWindow.longest).nanoseconds
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        eventLoop.scheduleTask(in: .nanoseconds(.random(in: 0...max(window, 0)))) {
            if !bound.value.readers.contains(where: \.isReading) { bound.value.goAway() }
        }
    }

    private func goAway() { connection?.close(.serviceRestart) }

    func closed() {
        connection = nil
        initial = nil
        let left = readers
        readers = []
        for reader in left {
            leave()
            reader.cancel()
        }
    }
}

extension CloseCode {
    /// The reader took nothing for too long (a code of our own).
    static let slow = CloseCode(rawValue: 4108)
}
