#if canImport(Glibc)
import Glibc
#endif

/// The time of day, which keys and links end by.
package enum WallClock {
    /// Seconds since 1970.
    package static var seconds: Int { Int(time(nil)) }
}
