import ArgumentParser
import TapeTools

#if canImport(Glibc)
import Glibc
#endif

struct TapeVerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Look for everything that may be wrong with tapes, and say how to mend it.",
        discussion: """
            Each tape must load and hold what its end line says; its name and scope must be those of its request; \
            cassette.json must be valid; none may be a recording that failed. The exit code is 1 where something is \
            wrong.
            """
    )

    @Argument(help: ArgumentHelp("Cassettes' directories, and tapes. (default: tapes)", valueName: "dir|file"))
    var paths: [String] = ["tapes"]

    @Flag(help: "One JSON object: how many tapes there are, and the problems.")
    var json = false

    func run() throws {
        let verifier = TapeVerifier(paths, now: Int64(time(nil))) { ProgressLine.show($0, of: $1, $2) }
        if json {
            try Output.write(verifier.json)
        } else {
            let lines = verifier.problems.map { $0.description + "\n" }
            try Output.write(lines.joined() + verifier.summary + "\n")
        }
        if !verifier.problems.isEmpty { throw ExitCode.failure }
    }
}
