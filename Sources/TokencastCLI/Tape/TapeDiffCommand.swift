import ArgumentParser
import TapeTools

struct TapeDiffCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Say what differs between two tapes, or the tapes of two directories by their names.",
        discussion: """
            What a tape means is compared: request, status, events, text, tool calls, usage, end. Times are shown and \
            don't count, nor do ids and how the answer was cut into chunks. The exit code is 0 where there is no \
            difference, 1 where there is one, 2 where something can't be read.
            """
    )

    @Argument(help: ArgumentHelp("A tape or a directory.", valueName: "a"))
    var left: String

    @Argument(help: ArgumentHelp("Another one.", valueName: "b"))
    var right: String

    @Flag(help: "Compare bytes, borders of chunks and all headers too.")
    var exact = false

    @Flag(name: .shortAndLong, help: "Print nothing; the exit code tells.")
    var quiet = false

    @Flag(help: "One JSON object.")
    var json = false

    func run() throws {
        let comparison = TapeComparison(left, right, isExact: exact)
        let hasFailed = !comparison.problems.isEmpty
        if !quiet, json || comparison.hasPairs || !hasFailed {
            try Output.write(json ? comparison.json : comparison.text(Output.appearance))
        }
        guard !hasFailed else { throw Exit.fail(comparison.problems.joined(separator: "\nerror: "), ExitCode(2)) }
        if !comparison.isSame { throw ExitCode(1) }
    }
}
