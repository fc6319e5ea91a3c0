import ArgumentParser
import TapeTools

struct TapeRepairCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "repair",
        abstract: "Make damaged or hand-edited tapes valid again.",
        discussion: """
            It drops a torn last line, raises offsets that fall, and computes bytes, chunks and sha256 of the end line \
            anew. Lines that need nothing stay as they are. What can't be mended is named, and its file left alone.
            """
    )

    @Argument(help: ArgumentHelp("The tapes' files.", valueName: "file"))
    var files: [String]

    @Flag(help: "Compute text, finish, usage and terminal of the end line anew, too.")
    var refold = false

    @Flag(help: "Only say what would be done.")
    var dryRun = false

    func run() throws {
        var problems: [String] = []
        for file in files {
            do {
                let notes = try TapeRepair.mend(file, refolding: refold, isDryRun: dryRun)
                let lines = notes.map { Printable.line("\(file):\($0.line): \($0.message)") + "\n" }
                try Output.write(lines.isEmpty ? Printable.line(file) + ": nothing to mend\n" : lines.joined())
            } catch let error as ExitCode {
                throw error
            } catch {
                problems.append(Printable.line("\(error)"))
            }
        }
        guard problems.isEmpty else { throw Exit.fail(problems.joined(separator: "\nerror: "), .failure) }
    }
}
