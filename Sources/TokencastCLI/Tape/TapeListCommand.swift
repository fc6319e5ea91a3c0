import ArgumentParser
import TapeTools

struct TapeListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "ls", abstract: "List the tapes of a directory.")

    @Argument(help: ArgumentHelp("The cassette's directory.", valueName: "dir"))
    var directory = "tapes"

    func run() throws {
        let listing = TapeListing(directory: directory)
        Exit.write(1, listing.table)
        guard listing.problems.isEmpty else {
            throw Exit.fail(listing.problems.joined(separator: "\nerror: "), .failure)
        }
    }
}
