import CLinux
import Glibc

/// What the program asks of the C library's allocator.
enum Allocator {
    /// Keeps what requests leave behind for those that follow: by default the top of each heap goes back to the system whenever
    /// 128 KiB of it are free, which at some requests a millisecond means system calls and page faults for each.
    ///
    /// There are as many heaps as event loops. The first grows by much at a time, others page by page, a system call each:
    /// a loop that is alone works in the first.
    static func keepsMemory() {
        let loops = sysconf(CInt(_SC_NPROCESSORS_ONLN)) - 1
        tokencast_keep_memory(CInt(clamping: max(1, loops)))
    }
}
