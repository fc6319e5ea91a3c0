import ArgumentParser
import Tokencast

struct TapeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tape",
        abstract: "Look at recorded streams.",
        subcommands: [List.self, Show.self]
    )

    struct List: ParsableCommand {
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

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show",
            abstract: "Show a tape: the request, each chunk with its time, the end."
        )

        @Argument(help: ArgumentHelp("The tape's file.", valueName: "file"))
        var file: String

        @Flag(help: "The answer's text alone.")
        var text = false

        func run() throws {
            do {
                let page = try TapePage(file: file)
                Exit.write(1, text ? page.text : page.description)
            } catch {
                throw Exit.fail("\(error)", .failure)
            }
        }
    }
}
