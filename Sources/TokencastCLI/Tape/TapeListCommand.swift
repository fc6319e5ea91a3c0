import ArgumentParser
import TapeTools

#if canImport(Glibc)
import Glibc
#endif

struct TapeListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ls",
        abstract: "List the tapes of a directory.",
        discussion: "In a narrow terminal the columns that matter least are left out."
    )

    @Argument(help: ArgumentHelp("The cassette's directory.", valueName: "dir"))
    var directory = "tapes"

    @Flag(help: "One JSON array, an object for each tape.")
    var json = false

    func run() throws {
        let listing = TapeListing(directory: directory, now: time(nil)) { ProgressLine.show($0, of: $1, $2) }
        if listing.problems.isEmpty || !listing.isEmpty {
            try Output.write(json ? listing.json : listing.table(Output.appearance))
        }
        guard listing.problems.isEmpty else {
            throw Exit.fail(listing.problems.joined(separator: "\nerror: "), .failure)
        }
    }
}
