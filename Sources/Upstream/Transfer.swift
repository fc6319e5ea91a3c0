import CCurl
import CEpoll
import Glibc
import NIOCore
import Synchronization

/// The curl thread's end of one transfer: its easy handle, what its callbacks have gathered, its clock.
///
/// Made, used and freed on the curl thread only.
final class Transfer {
    let handle: UpstreamTransfer
    let easy: OpaqueEasy
    let outbox: Int
    let timeouts: UpstreamTimeouts
    /// Nanoseconds of the monotonic clock at which the request was started.
    let started: UInt64
    unowned let engine: CurlLoop

    var headers: HeaderBlock = HeaderBlock()
    var upload: Upload?
    var headerList: UnsafeMutablePointer<curl_slist>?
    let errorText: UnsafeMutablePointer<CChar>
    /// When the last byte of the body came; nil before the first.
    var lastByte: UInt64?
    /// While paused, since when.
    var isPaused = false
    /// Whether the write callback has left its bytes with libcurl until the event loop catches up.
    var isHeldBack = false

    init(handle: UpstreamTransfer, easy: OpaqueEasy, outbox: Int, timeouts: UpstreamTimeouts, engine: CurlLoop) {
        self.handle = handle
        self.easy = easy
        self.outbox = outbox
        self.timeouts = timeouts
        self.engine = engine
        self.started = monotonicNanoseconds()
        self.errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        self.errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    }

    deinit {
        curl_easy_cleanup(easy)
        curl_slist_free_all(headerList)
        errorText.deallocate()
    }

    /// Microseconds since the start.
    func offset(at now: UInt64 = monotonicNanoseconds()) -> Int { Int((now - started) / 1000) }

    /// Takes a piece of the body; false where the event loop is too far behind, and libcurl has to keep it.
    func received(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard !mustWait() else { return false }
        handle.inFlight.wrappingAdd(bytes.count, ordering: .relaxed)
        let now = monotonicNanoseconds()
        lastByte = now
        engine.outboxes[outbox].append(chunk: bytes, offset: offset(at: now), for: handle)
        return true
    }

    private func mustWait() -> Bool {
        guard handle.inFlight.load(ordering: .relaxed) > UpstreamTransfer.mostInFlight else { return false }
        handle.isHeldBack.store(true, ordering: .sequentiallyConsistent)
        // Looked at again: a loop that caught up before it could see the flag won't send a release.
        isHeldBack = handle.inFlight.load(ordering: .sequentiallyConsistent) >= UpstreamTransfer.resumeInFlight
        if !isHeldBack { handle.isHeldBack.store(false, ordering: .sequentiallyConsistent) }
        return isHeldBack
    }

    func receivedHeader(_ line: UnsafeRawBufferPointer) {
        guard let head = headers.take(line, offset: offset()) else { return }
        engine.outboxes[outbox].append(.head(head), for: handle)
        if upload?.isWaiting == true { engine.answeredEarly.append(self) }
    }

    /// The reason to give up at `now`, if the first-byte or the idle time-out has passed.
    func overdue(at now: UInt64) -> UpstreamFailure? {
        if isPaused || isHeldBack { return nil }
        if let lastByte {
            guard now > lastByte, now - lastByte > timeouts.idle.nanoseconds else { return nil }
            return UpstreamFailure(.idleTimeout, "no byte from the upstream for \(timeouts.idle)")
        }
        guard now > started, now - started > timeouts.firstByte.nanoseconds else { return nil }
        return UpstreamFailure(.firstByteTimeout, "no first byte from the upstream within \(timeouts.firstByte)")
    }
}

/// `CURL *` is `void *` in C.
typealias OpaqueEasy = UnsafeMutableRawPointer

func monotonicNanoseconds() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}

extension Duration {
    /// Whole nanoseconds, at least 0, at most about 292 years.
    var nanoseconds: UInt64 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        guard seconds < 9_000_000_000 else { return UInt64.max / 2 }
        return UInt64(seconds) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
    }
}
