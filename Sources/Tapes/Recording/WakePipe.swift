#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Wakes a thread that sleeps until something happens or a time is up.
final class WakePipe: Sendable {
    private let reader: Int32
    private let writer: Int32

    /// Nil where the process has no descriptors left.
    init?() {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return nil }
        (reader, writer) = (ends[0], ends[1])
        for end in ends {
            // Calls without an argument list that varies: `fcntl` is imported for these two.
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
    }

    deinit {
        close(reader)
        close(writer)
    }

    /// Wakes the thread, or keeps it from falling asleep. A full pipe is a wake-up already.
    func wake() {
        var byte: UInt8 = 1
        _ = write(writer, &byte, 1)
    }

    /// Sleeps until ``wake()`` or for so many milliseconds; nil is for ever.
    func wait(milliseconds: Int32?) {
        var wanted = pollfd(fd: reader, events: Int16(POLLIN), revents: 0)
        guard poll(&wanted, 1, milliseconds ?? -1) > 0 else { return }
        var bytes: [UInt8] = Array(repeating: 0, count: 64)
        while read(reader, &bytes, bytes.count) == bytes.count {}
    }
}
