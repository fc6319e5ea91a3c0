import ArgumentParser
import Logging
import Tapes
import Tokencast
import UnixSignals

#if canImport(Glibc)
import Glibc
#endif

struct TapeRunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run a command whose SDKs get their answers from tapes.",
        discussion: """
            A server of its own listens on a free port for as long as the command runs. OPENAI_BASE_URL, \
            ANTHROPIC_BASE_URL, GOOGLE_GEMINI_BASE_URL, OLLAMA_HOST and the like point at it, and a placeholder stands in \
            for each key that isn't set. TOKENCAST_URL is its address. Afterwards requests that no tape answered are \
            listed on standard error. Exit codes: the command's own; 1 where it was 0 and a request went unanswered; 126 \
            it can't be run, 127 there is no such command.
            """
    )

    @Option(help: ArgumentHelp("The tapes.", valueName: "dir"))
    var cassette: String

    @Option(help: ArgumentHelp("The directory within it.", valueName: "scope"))
    var scope: String?

    @Option(help: "none (play only), once, new_episodes or all (record).")
    var mode: String = TapeMode.none.rawValue

    @Option(help: ArgumentHelp("Whom modes that record ask.", valueName: "url"))
    var upstream: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("1 as recorded, 2 twice as fast, 0 at once. (default: the cassette's)", valueName: "x")
    )
    var speed: Double?

    @Flag(help: "With mode none: tapes that weren't played fail the run, too.")
    var strict = false

    @Argument(parsing: .postTerminator, help: ArgumentHelp("The command and its arguments.", valueName: "command"))
    var command: [String]

    func validate() throws {
        guard command.first?.isEmpty == false else { throw ValidationError("name a command behind --") }
        guard let mode = TapeMode(rawValue: mode), mode != .off else {
            throw ValidationError("--mode takes none, once, new_episodes or all")
        }
        if let scope, TapeScope(scope) == nil { throw ValidationError("'\(scope)' can't name a scope") }
        if mode.records, upstream == nil { throw ValidationError("--mode \(mode.rawValue) needs --upstream") }
        if !mode.records, upstream != nil {
            throw ValidationError("--mode none asks no upstream: leave --upstream out")
        }
        if strict, mode != .none { throw ValidationError("--strict goes with --mode none") }
    }

    private func serverConfiguration() throws(ConfigurationError) -> Configuration {
        var overrides = Overrides()
        overrides.port = 0
        overrides.tapeMode = mode
        overrides.cassette = cassette
        overrides.upstream = upstream
        overrides.speed = mode == TapeMode.all.rawValue ? nil : speed
        overrides.logLevel = "warning"
        var configuration = Configuration()
        try configuration.apply(overrides)
        configuration.drainSeconds = 10
        return configuration
    }

    func run() async throws {
        let ignored = ChildCommand.ignoredSignals()
        // A peer that closes is an error of its write, never the end of the program.
        signal(SIGPIPE, SIG_IGN)
        LoggingSystem.bootstrap { StreamLogHandler.standardError(label: $0) }
        let server: BackgroundService
        do {
            server = try await BackgroundService(serverConfiguration())
        } catch {
            throw Exit.fail("\(error)", error is ListenError ? Exit.unavailable : Exit.configuration)
        }
        let scope = scope.flatMap { TapeScope($0) }
        let environment = SDKEnvironment(url: server.url, scope: scope, inherited: ProcessEnvironment.variables)
        let code: CInt
        do throws(ChildCommand.Failure) {
            code = try await Self.finish(command, environment, ignoring: ignored)
        } catch {
            await server.stop()
            throw Exit.fail(error.description, ExitCode(error.exitCode))
        }
        await server.stop()
        let isOK = report(server.verify(scope: scope))
        throw ExitCode(code == 0 && !isOK ? 1 : code)
    }

    /// Runs the command to its end; signals that come meanwhile are its own business.
    private static func finish(
        _ command: [String],
        _ environment: SDKEnvironment,
        ignoring: [CInt]
    ) async throws(ChildCommand.Failure) -> CInt {
        let numbers: [(UnixSignal, CInt)] = [
            (.sigint, SIGINT), (.sigterm, SIGTERM), (.sighup, SIGHUP), (.sigquit, SIGQUIT),
        ].filter { !ignoring.contains($0.1) }
        // Trapped before the command starts, so that none is lost in between.
        let signals = await UnixSignalsSequence(trapping: numbers.map(\.0))
        let child = try ChildCommand(command, environment: environment.variables, ignoring: ignoring)
        let passing = Task {
            for await signal in signals {
                guard let number = numbers.first(where: { $0.0 == signal })?.1 else { continue }
                if number != SIGTERM, ChildCommand.sharesTerminal { continue }
                child.signal(number)
            }
        }
        defer { passing.cancel() }
        return await child.wait()
    }

    /// Says what went unanswered; false where that fails the run.
    private func report(_ found: TapeVerification?) -> Bool {
        guard let found, mode != TapeMode.all.rawValue else { return true }
        var lines: [String] = []
        if found.unexpectedCount > 0 {
            lines.append("error: \(found.unexpectedCount) of its requests had no tape:")
            lines += found.unexpected.prefix(20).map { "  \($0.report.message)" }
            let more = found.unexpectedCount - min(20, found.unexpected.count)
            if more > 0 { lines.append("  and \(more) more") }
        }
        if strict, !found.unused.isEmpty {
            lines.append("error: \(found.unused.count) of the tapes were not played:")
            lines += found.unused.prefix(20).map { "  \($0)" }
            if found.unused.count > 20 { lines.append("  and \(found.unused.count - 20) more") }
        }
        Output.say(lines)
        return lines.isEmpty
    }
}
