import Glibc
import NIOCore

/// libcurl's end of one transfer: its easy handle, its upload, its clock. Confined to its loop.
final class Transfer {
    let handle: UpstreamTransfer
    /// The driver's, which gives it to another transfer after this one.
    let easy: EasyHandle
    let timeouts: UpstreamTimeouts
    /// Nanoseconds of the monotonic clock at which the request was started.
    let started: UInt64
    unowned let driver: CurlDriver

    var headers: HeaderBlock = HeaderBlock()
    var upload: Upload?
    /// Whether it sets only what every transfer sets.
    var isPlain = true
    /// Its index among the driver's; nil once it isn't there any more.
    var place: Int?
    /// When the last byte of the body came; nil before the first.
    var lastByte: UInt64?
    /// Whether reading from the upstream rests.
    var isPaused = false

    init(handle: UpstreamTransfer, easy: EasyHandle, timeouts: UpstreamTimeouts, driver: CurlDriver) {
        self.handle = handle
        self.easy = easy
        self.timeouts = timeouts
        self.driver = driver
        self.started = monotonicNanoseconds()
    }

    /// Microseconds since the start.
    func offset(at now: UInt64 = monotonicNanoseconds()) -> Int { Int((now - started) / 1000) }

    /// Takes a piece of the body.
    func received(_ bytes: UnsafeRawBufferPointer) {
        let now = monotonicNanoseconds()
        lastByte = now
        driver.outbox.append(chunk: bytes, offset: offset(at: now), for: handle)
    }

    func receivedHeader(_ line: UnsafeRawBufferPointer) {
        guard let head = headers.take(line, offset: offset()) else { return }
        driver.outbox.append(.head(head), for: handle)
        if upload?.isWaiting == true { driver.answeredEarly.append(self) }
    }

    /// The reason to give up at `now`, if the first-byte or the idle time-out has passed.
    func overdue(at now: UInt64) -> UpstreamFailure? {
        if isPaused { return nil }
        if let lastByte {
            guard now > lastByte, now - lastByte > timeouts.idle.nanoseconds else { return nil }
            return UpstreamFailure(.idleTimeout, "no byte from the upstream for \(timeouts.idle)")
        }
        guard now > started, now - started > timeouts.firstByte.nanoseconds else { return nil }
        return UpstreamFailure(.firstByteTimeout, "no first byte from the upstream within \(timeouts.firstByte)")
    }
}

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
