import Glibc
import NIOPosix

/// A command that runs as a child of this process, with its input, output and errors, in its process group: what the
/// terminal does to one, it does to both.
public struct ChildCommand: Sendable {
    /// The command can't be started.
    public struct Failure: Error, Sendable, CustomStringConvertible {
        public let command: String
        /// The system's error number.
        public let code: CInt

        /// As shells have it: 127 where there is no such command, 126 where it can't be run.
        public var exitCode: CInt { code == ENOENT ? 127 : 126 }

        public var description: String {
            code == ENOENT ? "\(command): there is no such command" : "\(command): \(String(cString: strerror(code)))"
        }
    }

    private let process: pid_t

    /// Signals that a server handles in its own way, and that a child is to get as they were before.
    private static let signals = [SIGPIPE, SIGINT, SIGTERM, SIGHUP, SIGQUIT]

    /// Those of them that were ignored when the program started: `nohup` and the like want that for the child, too.
    public static func ignoredSignals() -> [CInt] {
        signals.filter { number in
            var action = sigaction()
            guard sigaction(number, nil, &action) == 0 else { return false }
            return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 1
        }
    }

    /// Starts a command, looked for in `PATH`.
    ///
    /// - Parameters:
    ///   - words: the command and its arguments, at least one.
    ///   - environment: all of its variables.
    ///   - ignoring: what ``ignoredSignals()`` gave before the program changed any.
    /// - Throws: ``Failure``.
    public init(_ words: [String], environment: [String: String], ignoring: [CInt]) throws(Failure) {
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var defaults = sigset_t()
        sigemptyset(&defaults)
        for number in Self.signals where !ignoring.contains(number) { sigaddset(&defaults, number) }
        var mask = sigset_t()
        sigemptyset(&mask)
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        posix_spawnattr_setsigmask(&attributes, &mask)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
        var arguments = words.map { strdup($0) } + [nil]
        var variables = environment.map { strdup("\($0)=\($1)") } + [nil]
        defer { for pointer in arguments + variables { free(pointer) } }
        var process = pid_t()
        let name = words.first ?? ""
        let code = posix_spawnp(&process, name, nil, &attributes, &arguments, &variables)
        guard code == 0 else { throw Failure(command: name, code: code) }
        self.process = process
    }

    /// Sends it a signal; harmless once it is over and hasn't been waited for.
    public func signal(_ number: CInt) { kill(process, number) }

    /// Waits for its end, once.
    ///
    /// - Returns: its exit code, or 128 and the number of the signal that killed it.
    public func wait() async -> CInt {
        let process = process
        let code = try? await NIOThreadPool.singleton.runIfActive { () -> CInt in
            var status: CInt = 0
            while waitpid(process, &status, 0) < 0 {
                guard errno == EINTR else { return 1 }
            }
            let signal = status & 0x7F
            return signal == 0 ? status >> 8 & 0xFF : 128 + signal
        }
        return code ?? 1
    }

    /// Whether what the terminal's keys send reaches the child without our help: it sends it to the whole group.
    public static var sharesTerminal: Bool {
        let terminal = open("/dev/tty", O_RDONLY | O_CLOEXEC | O_NOCTTY)
        guard terminal >= 0 else { return false }
        defer { close(terminal) }
        return tcgetpgrp(terminal) == getpgrp()
    }
}
