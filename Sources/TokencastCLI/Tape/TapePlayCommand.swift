import ArgumentParser
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

    @Option(help: ArgumentHelp("1 as recorded, 2 twice as fast, 0 at once.", valueName: "x"))
    var speed = 1.0

    @Option(help: ArgumentHelp("No pause is longer than so many seconds.", valueName: "s"))
    var maxGap: Double?

    @Flag(help: "The body's bytes as they are, chunk by chunk.")
    var raw = false

    @Flag(help: "One event a line, as JSON.")
    var events = false

    func validate() throws {
        guard speed >= 0, speed.isFinite else { throw ValidationError("--speed takes a number not below 0") }
        if let maxGap, !(maxGap >= 0 && maxGap.isFinite) {
            throw ValidationError("--max-gap takes a number of seconds not below 0")
        }
        if raw, events { throw ValidationError("--raw and --events exclude each other") }
    }

    func run() async throws {
        signal(SIGPIPE, SIG_DFL)
        let tape: Tape
        do {
            tape = try TapeReader.read(path: source)
        } catch {
            throw Exit.fail(error.description, .failure)
        }
        let isTerminal = isatty(1) == 1
        let printer = TapePrinter(isTerminal: isTerminal)
        let steps: [(offset: Int64, output: [UInt8])] =
            if raw {
                tape.entries.compactMap { entry in
                    if case .chunk(let bytes) = entry.content { (entry.offset, bytes) } else { nil }
                }
            } else {
                printer.steps(PlayedPiece.all(of: tape))
            }
        let isWhole = await UntilSignal.run([.sigint, .sigterm]) {
            var times = PlaybackTimes(speed: speed, maxGap: maxGap)
            let start = ContinuousClock.now
            for step in steps {
                let due = start + .microseconds(times.next(step.offset))
                if due > .now, (try? await Task.sleep(until: due, clock: .continuous)) == nil { return }
                if Task.isCancelled { return }
                Exit.write(1, step.output)
            }
        }
        guard isWhole else {
            if !raw, !events { Exit.write(1, isTerminal ? "\u{1B}[0m\n" : "\n") }
            throw ExitCode(130)
        }
    }
}
