import Glibc

/// A program as a process of its own, to be looked at from outside, and killed.
package final class ChildProcess: Sendable {
    package struct State: Sendable {
        package var output = ""
        package var errors = ""
        /// The exit code, or minus the signal's number.
        package var exit: Int?
        var openPipes = 2
    }

    package let state = Watched(State())
    private let process: pid_t

    /// Starts the program that the package builds under that name.
    package convenience init(
        built name: String,
        _ arguments: [String],
        environment: [String: String] = [:],
        directory: String? = nil,
        limit: String? = nil
    ) throws {
        let bundle = try Self.ownDirectory()
        try self.init("\(bundle)/\(name)", arguments, environment: environment, directory: directory, limit: limit)
    }

    /// - Parameters:
    ///   - environment: all that it gets, beside `PATH` and `HOME`.
    ///   - limit: what a shell is told before the program takes its place: `ulimit -f 64`.
    package init(
        _ path: String,
        _ arguments: [String],
        environment: [String: String] = [:],
        directory: String? = nil,
        limit: String? = nil
    ) throws {
        guard access(path, X_OK) == 0 else { throw Failure("\(path) isn't built") }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        let (output, outputEnd) = try Self.pipe()
        let (errors, errorsEnd) = try Self.pipe()
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, outputEnd, 1)
        posix_spawn_file_actions_adddup2(&actions, errorsEnd, 2)
        var variables = environment
        for name in ["PATH", "HOME", "LD_LIBRARY_PATH"] {
            if let value = getenv(name) { variables[name] = String(cString: value) }
        }
        var words = [path] + arguments
        // Only a shell can change the directory on the way.
        if let limit { words = ["/bin/sh", "-c", "\(limit) && exec \"$@\"", "sh"] + words }
        if let directory { words = ["/bin/sh", "-c", "cd \"$0\" && exec \"$@\"", directory] + words }
        var argv = words.map { strdup($0) } + [nil]
        var envp = variables.map { strdup("\($0)=\($1)") } + [nil]
        defer { for pointer in argv + envp { free(pointer) } }
        var process = pid_t()
        let code = posix_spawn(&process, words[0], &actions, nil, &argv, &envp)
        close(outputEnd)
        close(errorsEnd)
        guard code == 0 else { throw Failure("\(path) can't be started: \(String(cString: strerror(code)))") }
        self.process = process
        read(output) { $0.output += $1 }
        read(errors) { $0.errors += $1 }
        detachThread { [state, process] in
            var status: CInt = 0
            while waitpid(process, &status, 0) < 0, errno == EINTR {}
            let signal = status & 0x7F
            let exit = signal == 0 ? Int(status >> 8 & 0xFF) : -Int(signal)
            state.update { $0.exit = exit }
        }
    }

    deinit { if state.current.exit == nil { kill(process, SIGKILL) } }

    package func signal(_ number: CInt) { kill(process, number) }

    /// Waits for the process's end and all of its output.
    @discardableResult
    package func exit() async throws -> State {
        try await state.wait(for: "the process's end") { $0.exit != nil && $0.openPipes == 0 ? $0 : nil }
    }

    private func read(_ pipe: CInt, _ append: @escaping @Sendable (inout State, String) -> Void) {
        detachThread { [state] in
            var buffer = [UInt8](repeating: 0, count: 4096)
            while case let count = Glibc.read(pipe, &buffer, buffer.count), count > 0 {
                let text = String(decoding: buffer[..<count], as: UTF8.self)
                state.update { append(&$0, text) }
            }
            close(pipe)
            state.update { $0.openPipes -= 1 }
        }
    }

    private static func pipe() throws -> (CInt, CInt) {
        var ends: [CInt] = [0, 0]
        guard Glibc.pipe(&ends) == 0 else { throw Failure("no pipe") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }

    /// Where the test bundle lies, and with it the programs that are built beside it.
    private static func ownDirectory() throws -> String {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        guard count > 0 else { throw Failure("who am I?") }
        let path = String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return path.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 }
    }
}
