import CCurl
import CEpoll
import Glibc
import NIOCore
import Synchronization

/// The life of the curl thread: wait, let libcurl act, hand over what came.
///
/// Everything here happens on that one thread; only ``UpstreamEngine``'s queue and eventfd are shared.
final class CurlLoop {
    private let engine: UpstreamEngine
    let epoll: CInt
    private let wakeUp: CInt
    let multi: UnsafeMutableRawPointer?
    private let configuration: UpstreamConfiguration
    private var transfers: [UInt64: Transfer] = [:]
    var sockets: Set<CInt> = []
    var outboxes: [Outbox] = []
    /// Transfers whose answer came while their upload rested, for want of data.
    var answeredEarly: [Transfer] = []
    private var pacer = RoundPacer()
    private var isStopping = false
    /// When libcurl wants to be called without any socket's news, in nanoseconds.
    var timer: UInt64?
    private var nextSweep: UInt64 = .max
    private var sweepInterval: UInt64 = 1_000_000_000

    init(engine: UpstreamEngine, epoll: CInt, wakeUp: CInt, configuration: UpstreamConfiguration) {
        self.engine = engine
        self.epoll = epoll
        self.wakeUp = wakeUp
        self.configuration = configuration
        _ = tokencast_global_init()
        multi = curl_multi_init()
    }

    func run() {
        installCallbacks()
        _ = tokencast_multi_setopt_long(multi, CURLMOPT_MAXCONNECTS, configuration.maximumIdleConnections)
        watch(wakeUp, EPOLLIN.rawValue)

        let events = UnsafeMutableBufferPointer<epoll_event>.allocate(capacity: 256)
        defer { events.deallocate() }
        while true {
            obey(engine.takeCommands())
            if isStopping {
                // What came behind the stop gets its end as well.
                obey(engine.takeCommands(isLast: true))
                _ = flush()
                break
            }
            let hasDelivered = flush()
            if hasDelivered { rest() }
            // Say that we sleep, look once more, sleep: a command that comes in between writes the eventfd.
            engine.isSleeping.store(true, ordering: .sequentiallyConsistent)
            let wait = engine.hasCommands ? 0 : waitMilliseconds()
            let ready = Int(epoll_wait(epoll, events.baseAddress, 256, wait))
            engine.isSleeping.store(false, ordering: .sequentiallyConsistent)
            for event in events.prefix(max(0, ready)) { handle(event) }
            let now = monotonicNanoseconds()
            if let timer, timer <= now {
                self.timer = nil
                act(CURL_SOCKET_TIMEOUT, 0)
            }
            wakeAnswered()
            collectFinished()
            if now >= nextSweep { sweep(now) }
        }
        curl_multi_cleanup(multi)
        close(epoll)
    }

    /// Hands over what the round brought; returns whether there was anything.
    private func flush() -> Bool {
        var hasDelivered = false
        for index in outboxes.indices where outboxes[index].flush() { hasDelivered = true }
        return hasDelivered
    }

    private func rest() {
        let pause = pacer.rest(after: monotonicNanoseconds())
        guard pause > 0 else { return }
        // A command ends the rest: a new request is never made to wait for a full one.
        engine.isSleeping.store(true, ordering: .sequentiallyConsistent)
        if !engine.hasCommands { _ = tokencast_wait_readable(wakeUp, Int(pause)) }
        engine.isSleeping.store(false, ordering: .sequentiallyConsistent)
    }

    private func handle(_ event: epoll_event) {
        guard event.data.fd != wakeUp else {
            var count: UInt64 = 0
            _ = read(wakeUp, &count, 8)
            return
        }
        var mask: CInt = 0
        if event.events & EPOLLIN.rawValue != 0 { mask |= CURL_CSELECT_IN }
        if event.events & EPOLLOUT.rawValue != 0 { mask |= CURL_CSELECT_OUT }
        if event.events & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0 { mask |= CURL_CSELECT_ERR }
        act(event.data.fd, mask)
    }

    private func act(_ socket: CInt, _ mask: CInt) {
        var running: CInt = 0
        _ = curl_multi_socket_action(multi, socket, mask, &running)
    }

    private func waitMilliseconds() -> CInt {
        let next = min(timer ?? .max, nextSweep)
        guard next != .max else { return -1 }
        let now = monotonicNanoseconds()
        guard next > now else { return 0 }
        // Rounded up: to wake before a deadline only means to wait again.
        return CInt(min((next - now + 999_999) / 1_000_000, 60_000))
    }

    // MARK: Commands

    private func obey(_ commands: [UpstreamEngine.Command]) {
        for command in commands {
            switch command {
            case .start(let handle, let request):
                start(handle, request)
            case .cancel(let id):
                if let transfer = transfers[id] { remove(transfer) }
            case .pause(let id):
                guard let transfer = transfers[id], !transfer.isPaused else { continue }
                transfer.isPaused = true
                curl_easy_pause(transfer.easy, transfer.pauseBits)
            case .resume(let id):
                guard let transfer = transfers[id], transfer.isPaused else { continue }
                transfer.isPaused = false
                if transfer.lastByte != nil { transfer.lastByte = monotonicNanoseconds() }
                curl_easy_pause(transfer.easy, transfer.pauseBits)
            case .release(let id):
                guard let transfer = transfers[id], transfer.isHeldBack else { continue }
                transfer.isHeldBack = false
                if transfer.lastByte != nil { transfer.lastByte = monotonicNanoseconds() }
                curl_easy_pause(transfer.easy, transfer.pauseBits)
            case .body(let id, let part):
                guard let transfer = transfers[id] else { continue }
                transfer.upload?.append(part)
                if transfer.upload?.isWaiting == true {
                    transfer.upload?.isWaiting = false
                    curl_easy_pause(transfer.easy, transfer.pauseBits)
                }
            case .stop:
                isStopping = true
                for transfer in Array(transfers.values) {
                    finish(transfer, UpstreamFailure(.shutdown, "the proxy is shutting down"))
                }
            }
        }
    }

    private func start(_ handle: UpstreamTransfer, _ request: UpstreamRequest) {
        let outbox = outboxIndex(for: handle.eventLoop)
        guard !isStopping, let easy = curl_easy_init() else {
            let failure = UpstreamFailure(.shutdown, "the proxy is shutting down")
            outboxes[outbox].append(.end(failure, offset: 0), for: handle)
            return
        }
        let transfer = Transfer(handle: handle, easy: easy, outbox: outbox, timeouts: request.timeouts, engine: self)
        transfer.configure(request)
        transfers[handle.id] = transfer
        watchClock(of: transfer)
        let code = curl_multi_add_handle(multi, easy)
        if code != CURLM_OK {
            finish(transfer, UpstreamFailure(.invalidRequest, String(cString: curl_multi_strerror(code))))
        }
    }

    private func outboxIndex(for eventLoop: any EventLoop) -> Int {
        if let index = outboxes.firstIndex(where: { $0.eventLoop === eventLoop }) { return index }
        outboxes.append(Outbox(eventLoop: eventLoop))
        return outboxes.count - 1
    }

    // MARK: Ends

    /// libcurl gives up the rest of an upload when the answer is an error, but doesn't end while that upload rests.
    private func wakeAnswered() {
        guard !answeredEarly.isEmpty else { return }
        for transfer in answeredEarly where transfers[transfer.handle.id] === transfer {
            transfer.upload?.isWaiting = false
            curl_easy_pause(transfer.easy, transfer.pauseBits)
        }
        answeredEarly = []
    }

    private func collectFinished() {
        var pending: CInt = 0
        while let message = curl_multi_info_read(multi, &pending) {
            guard message.pointee.msg == CURLMSG_DONE else { continue }
            var pointer: UnsafeMutableRawPointer?
            _ = tokencast_easy_getinfo_pointer(message.pointee.easy_handle, CURLINFO_PRIVATE, &pointer)
            guard let pointer else { continue }
            let transfer = Unmanaged<Transfer>.fromOpaque(pointer).takeUnretainedValue()
            let code = tokencast_message_result(message)
            let text = transfer.errorText.pointee == 0 ? curl_easy_strerror(code) : UnsafePointer(transfer.errorText)
            finish(transfer, UpstreamFailure(code, message: text.map { String(cString: $0) } ?? "failed"))
        }
    }

    private func finish(_ transfer: Transfer, _ failure: UpstreamFailure?) {
        outboxes[transfer.outbox].append(.end(failure, offset: transfer.offset()), for: transfer.handle)
        remove(transfer)
    }

    private func remove(_ transfer: Transfer) {
        curl_multi_remove_handle(multi, transfer.easy)
        transfers[transfer.handle.id] = nil
        if transfers.isEmpty { nextSweep = .max }
    }

    // MARK: Clocks

    /// One sweep looks at every transfer's time-outs; it comes often enough for the shortest of them.
    private func watchClock(of transfer: Transfer) {
        let shortest = min(transfer.timeouts.firstByte, transfer.timeouts.idle).nanoseconds
        if transfers.count == 1 { sweepInterval = 1_000_000_000 }
        sweepInterval = max(5_000_000, min(sweepInterval, shortest / 8))
        nextSweep = min(nextSweep, monotonicNanoseconds() + sweepInterval)
    }

    private func sweep(_ now: UInt64) {
        nextSweep = transfers.isEmpty ? .max : now + sweepInterval
        for transfer in Array(transfers.values) {
            if let failure = transfer.overdue(at: now) { finish(transfer, failure) }
        }
    }
}
