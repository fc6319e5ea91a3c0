import CCurl
import EventLoops
import Glibc
import NIOCore

/// libcurl's multi interface on one event loop: the loop tells it which sockets are ready, and hands on what it read.
///
/// libcurl must not be called from within its own callbacks. These only write down what came, in the ``Outbox``; receivers hear
/// of it once libcurl has returned, and may then start and cancel as they like.
///
/// `@unchecked Sendable`: confined to its loop; only ``stopAndWait()`` may be called from elsewhere.
final class CurlDriver: @unchecked Sendable {
    let loop: EpollLoop
    let multi: UnsafeMutableRawPointer?
    /// Each knows its place.
    private var transfers: [Transfer] = []
    private var spare: [EasyHandle] = []
    var sockets = WatchedSockets()
    // What every token looks at isn't checked for overlapping access at run time.
    /// Only appended to, which calls nobody.
    @exclusivity(unchecked) var outbox = Outbox()
    /// What the receivers are just being told; nobody else has to do with it.
    @exclusivity(unchecked) var delivered = Outbox()
    @exclusivity(unchecked) var isDelivering = false
    /// Transfers whose answer came while their upload rested, for want of data.
    @exclusivity(unchecked) var answeredEarly: [Transfer] = []
    /// Whether libcurl was called since it was last asked which transfers are over.
    @exclusivity(unchecked) private var wasCalled = false
    /// When libcurl wants to be called without any socket's news, in nanoseconds.
    @exclusivity(unchecked) var timer: UInt64 = .max
    private var nextSweep: UInt64 = .max
    private var sweepInterval: UInt64 = 1_000_000_000
    private(set) var isStopped = false

    /// Called on `loop`.
    init(loop: EpollLoop, configuration: UpstreamConfiguration) {
        self.loop = loop
        multi = curl_multi_init()
        _ = tokencast_multi_setopt_long(multi, CURLMOPT_MAXCONNECTS, configuration.maximumIdleConnections)
        installCallbacks()
        loop.join(self)
    }

    /// Tells libcurl that its time has come, where it has.
    private func fireTimer(at now: UInt64) {
        guard timer <= now else { return }
        timer = .max
        act(CURL_SOCKET_TIMEOUT, 0)
    }

    /// Tells libcurl of a socket, or that its time has come; what that brings waits in the outbox.
    func act(_ socket: CInt, _ mask: CInt) {
        guard !isStopped else { return }
        var running: CInt = 0
        wasCalled = true
        _ = curl_multi_socket_action(multi, socket, mask, &running)
    }

    // MARK: Transfers

    func start(_ handle: UpstreamTransfer, _ request: UpstreamRequest) {
        guard !isStopped, let easy = spare.popLast() ?? EasyHandle(of: self) else {
            return outbox.append(.end(UpstreamFailure(.shutdown, "the proxy is shutting down"), offset: 0), for: handle)
        }
        let transfer = Transfer(handle: handle, easy: easy, timeouts: request.timeouts, driver: self)
        transfer.configure(request)
        handle.transfer = transfer
        transfer.place = transfers.count
        transfers.append(transfer)
        watchClock(of: transfer)
        wasCalled = true
        let code = curl_multi_add_handle(multi, easy.pointer)
        guard code == CURLM_OK else {
            return finish(transfer, UpstreamFailure(.invalidRequest, String(cString: curl_multi_strerror(code))))
        }
        // A request that is whole goes out at once, before its caller goes on; to a body that is yet to come its head is joined.
        if transfer.upload == nil { fireTimer(at: monotonicNanoseconds()) }
    }

    /// Has libcurl look again at which directions of a transfer rest.
    func pausesChanged(of transfer: Transfer) {
        guard !isStopped else { return }
        wasCalled = true
        curl_easy_pause(transfer.easy.pointer, transfer.pauseBits)
    }

    func remove(_ transfer: Transfer) {
        guard let place = transfer.place, transfers.indices.contains(place) else { return }
        transfer.place = nil
        let last = transfers.removeLast()
        if last !== transfer {
            transfers[place] = last
            last.place = place
        }
        transfer.handle.transfer = nil
        curl_multi_remove_handle(multi, transfer.easy.pointer)
        // A new one costs some dozen allocations.
        if spare.count < Self.mostSpare {
            transfer.easy.clean(isPlain: transfer.isPlain)
            spare.append(transfer.easy)
        }
        if transfers.isEmpty { nextSweep = .max }
    }

    private static let mostSpare = 32

    private func finish(_ transfer: Transfer, _ failure: UpstreamFailure?) {
        outbox.append(.end(failure, offset: transfer.offset()), for: transfer.handle)
        remove(transfer)
    }

    /// libcurl gives up the rest of an upload when the answer is an error, but doesn't end while that upload rests.
    private func wakeAnswered() {
        guard !answeredEarly.isEmpty else { return }
        let list = answeredEarly
        answeredEarly = []
        for transfer in list where transfer.place != nil {
            transfer.upload?.isWaiting = false
            pausesChanged(of: transfer)
        }
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
            let failure = code == CURLE_OK ? nil : UpstreamFailure(code, message: transfer.easy.message(for: code))
            finish(transfer, failure)
        }
    }

    /// Looks at what ended, and hands on what came.
    func settle() {
        wakeAnswered()
        if wasCalled, !isStopped {
            wasCalled = false
            collectFinished()
        }
        deliver()
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
        for transfer in transfers {
            if let failure = transfer.overdue(at: now) { finish(transfer, failure) }
        }
    }

    // MARK: The end

    /// Ends every transfer, from whatever thread; returns when that is done.
    func stopAndWait() {
        guard !loop.inEventLoop else { return stop() }
        // It fails where the loop has ended, and this with it.
        try? loop.submit { self.stop() }.wait()
    }

    private func stop() {
        guard !isStopped else { return }
        for transfer in transfers {
            finish(transfer, UpstreamFailure(.shutdown, "the proxy is shutting down"))
        }
        deliver()
        isStopped = true
        spare = []
        curl_multi_cleanup(multi)
        loop.leave(self)
    }
}

extension CurlDriver: RoundMember {
    var deadline: UInt64 { min(timer, nextSweep) }
    var isPending: Bool { wasCalled || !outbox.isEmpty }

    /// Looks at the clocks, and at what has come of that or of receivers.
    func round(at now: UInt64) {
        fireTimer(at: now)
        if now >= nextSweep { sweep(now) }
        settle()
    }

    func loopStops() { stop() }
}
