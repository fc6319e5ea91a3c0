import ArgumentParser
import TapeTools

struct TapeShowCommand: ParsableCommand {
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
