import ArgumentParser

#if canImport(Glibc)
import Glibc
#endif

/// Where the program begins.
///
/// An asynchronous `main` would end the first thread once it waits, by unwinding its stack: the tables for that would be read
/// into memory, most of a megabyte, to stay there. Here that thread sleeps, and takes the signals that nobody else does.
@main
enum Program {
    static func main() {
        // First of all: a thread that is started before has a heap of its own already.
        Allocator.keepsMemory()
        Task.detached {
            // What goes wrong ends the program there.
            await TokencastCommand.main()
            exit(0)
        }
        // None is blocked here, whatever was when the program was started: the pool's threads block them all.
        var none = sigset_t()
        sigemptyset(&none)
        while true { sigsuspend(&none) }
    }
}
