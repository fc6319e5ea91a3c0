import ArgumentParser
import Logging
import TapeTools
import Tapes
import Tokencast
import UnixSignals

#if canImport(Glibc)
import Glibc
#endif

struct TapePlayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "play",
        abstract: "Play a tape into the terminal at its recorded pace, or as a server.",
        discussion: """
            The answer's text appears as it came; reasoning is dimmed on a terminal, tool calls show as name and \
            arguments. With --serve the tape answers every request with its method and path, again and again, whatever \
            the request says.
            """
    )

    @Argument(help: ArgumentHelp("A tape; with --serve also a cassette's directory.", valueName: "file|dir"))
    var source: String

    @Option(parsing: .unconditional, help: ArgumentHelp("1 as recorded, 2 twice as fast, 0 at once.", valueName: "x"))
    var speed = 1.0

    @Option(parsing: .unconditional, help: ArgumentHelp("No pause is longer than so many seconds.", valueName: "s"))
    var maxGap: Double?

    @Flag(help: "The body's bytes as they are, chunk by chunk.")
    var raw = false

    @Flag(help: "One event a line, as JSON.")
    var events = false

    @Flag(help: "Listen, and answer requests with it.")
    var serve = false

    @Option(help: "With --serve: the port to listen on; 0 picks a free one. (default: 8653)")
    var port: Int?

    func validate() throws {
        guard speed >= 0, speed.isFinite else { throw ValidationError("--speed takes a number not below 0") }
        if let maxGap, !(maxGap >= 0 && maxGap.isFinite) {
            throw ValidationError("--max-gap takes a number of seconds not below 0")
        }
        if serve, raw || events { throw ValidationError("--serve goes without --raw and --events") }
        if port != nil, !serve { throw ValidationError("--port goes with --serve") }
        if let port, !(0...65535).contains(port) { throw ValidationError("--port takes 0 to 65535") }
        if raw, events { throw ValidationError("--raw and --events exclude each other") }
    }

    func run() async throws {
        if serve { return try await serveTapes() }
        signal(SIGPIPE, SIG_DFL)
        let tape: Tape
        do {
            tape = try TapeReader.read(path: source)
        } catch {
            throw Exit.fail(error.description, .failure)
        }
        let printer = TapePrinter(isTerminal: Output.isTerminal)
        let steps: [(offset: Int64, output: [UInt8])] =
            if events {
                PlayedEvents.lines(of: tape).map { ($0.offset, $0.line) }
            } else if raw {
                tape.entries.compactMap { entry in
                    if case .chunk(let bytes) = entry.content { (entry.offset, bytes) } else { nil }
                }
            } else {
                printer.steps(PlayedPiece.all(of: tape))
            }
        let isWhole = await UntilSignal.run([.sigint, .sigterm]) {
            var pace = ReplayPace(speed: speed, maxGap: maxGap)
            let start = ContinuousClock.now
            for step in steps {
                let due = start + .microseconds(pace.due(step.offset))
                if due > .now, (try? await Task.sleep(until: due, clock: .continuous)) == nil { return }
                if Task.isCancelled { return }
                do { try Output.write(step.output) } catch { return }
            }
        }
        guard isWhole else {
            if !raw, !events { Exit.write(1, Output.isTerminal ? "\u{1B}[0m\n" : "\n") }
            throw ExitCode(130)
        }
    }

    private func serveTapes() async throws {
        let copy: ServedCopy
        do {
            copy = try ServedCopy(source)
        } catch {
            throw Exit.fail(error.description, .failure)
        }
        defer { copy.remove() }
        for problem in copy.problems { Exit.write(2, "note: \(problem)\n") }
        // A peer that closes is an error of its write, never the end of the program.
        signal(SIGPIPE, SIG_IGN)
        LoggingSystem.bootstrap { StreamLogHandler.standardError(label: $0) }
        var configuration = Configuration()
        configuration.logLevel = .error
        configuration.port = port ?? configuration.port
        configuration.tapes.mode = .none
        configuration.tapes.cassette = copy.directory
        configuration.tapes.replay = ReplayOptions(speed: speed, maxGap: maxGap)
        try await Serving.run(configuration) { url in
            Exit.write(1, "listening on \(url)\n")
            Exit.write(2, "point an SDK at it, as with OPENAI_BASE_URL=\(url)/v1 or ANTHROPIC_BASE_URL=\(url)\n")
        }
    }
}
