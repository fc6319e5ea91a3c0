import CLinux

/// What the program asks of the C library's allocator.
enum Allocator {
    /// Keeps what requests leave behind for those that follow: by default the top of each heap goes back to the system whenever
    /// 128 KiB of it are free, which at some requests a millisecond means system calls and page faults for each.
    static func keepsMemory() { tokencast_keep_memory() }
}
