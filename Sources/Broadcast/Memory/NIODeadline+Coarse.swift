import NIOCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

extension NIODeadline {
    /// The time of the system's last tick, a few milliseconds ago at most: for what is asked with every token, and is about
    /// seconds.
    static func coarse() -> NIODeadline {
        #if os(Linux)
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC_COARSE, &time)
        return .uptimeNanoseconds(UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec))
        #else
        return .now()
        #endif
    }
}
