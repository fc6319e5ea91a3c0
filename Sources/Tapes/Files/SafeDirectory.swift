#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Opens a directory below one that the user named, without ever being led out of it.
package enum SafeDirectory {
    /// Opens `root`, then segment by segment what is below it, made where it is missing.
    ///
    /// The root may be anywhere the user says, a link included. The segments may come from a request: a link in place of
    /// one is refused.
    ///
    /// - Parameters:
    ///   - segments: plain names: no slash, no `..`.
    ///   - mode: the permissions of directories that are made.
    /// - Returns: a descriptor that is the caller's to close, or -1, and `errno` says why.
    package static func open(_ root: String, _ segments: [String], mode: UInt32) -> Int32 {
        var directory = openRoot(root)
        for segment in segments where directory >= 0 {
            mkdirat(directory, segment, mode_t(mode))
            let next = openat(directory, segment, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
            let code = errno
            close(directory)
            directory = next
            errno = code
        }
        return directory
    }

    private static func openRoot(_ path: String) -> Int32 {
        #if canImport(Glibc)
        Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        #else
        Darwin.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        #endif
    }

    /// Makes a directory and those above it, as far as they are missing; false where it can't, and `errno` says why.
    package static func make(_ path: String, mode: UInt32) -> Bool {
        var made = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            made += part + "/"
            guard mkdir(made, mode_t(mode)) == 0 || errno == EEXIST else { return false }
        }
        return true
    }
}
