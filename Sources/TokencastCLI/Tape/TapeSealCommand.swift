import ArgumentParser
import TapeTools
import Tapes

struct TapeSealCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "seal",
        abstract: "End the .part files of a recorder that died, and give them their names.",
        discussion: """
            The end says crash, so they can be looked at and are never played. One that is being recorded is left alone.
            """
    )

    @Argument(help: ArgumentHelp("Directories and .part files.", valueName: "dir|file"))
    var paths: [String]

    @Flag(help: "Only say what would be done.")
    var dryRun = false

    func run() throws {
        let found = TapeSealer.parts(of: paths)
        var problems = found.errors.map { Printable.line($0.description) }
        let sealer = TapeSealer(isDryRun: dryRun)
        for part in found.parts {
            switch sealer.seal(part) {
            case .sealed(let name, let chunks):
                try Output.write(
                    Printable.line("\(part) -> \(name) (\(chunks) \(chunks == 1 ? "chunk" : "chunks"))") + "\n"
                )
            case .refused(let reason): problems.append(Printable.line(reason))
            }
        }
        if found.parts.isEmpty, problems.isEmpty { Exit.write(2, "nothing to seal\n") }
        guard problems.isEmpty else { throw Exit.fail(problems.joined(separator: "\nerror: "), .failure) }
    }
}
