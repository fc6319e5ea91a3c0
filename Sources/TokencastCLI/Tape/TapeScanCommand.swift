import ArgumentParser
import TapeTools
import Tokencast

struct TapeScanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scan",
        abstract: "Look for secrets in tapes, tees and any text, before they are committed.",
        discussion: """
            Credentials are known by their looks (docs/secrets.md lists them) or by --secret-env; in a tape also where \
            chunks or token deltas part them. What is found is shown masked. The exit code is 1 where something was \
            found or a file can't be read.
            """
    )

    @Argument(help: ArgumentHelp("Files, and directories with all that is in them.", valueName: "dir|file"))
    var paths: [String]

    @Option(
        name: .customLong("secret-env"),
        help: ArgumentHelp("Look for the value of this variable, too; may be repeated.", valueName: "name")
    )
    var variables: [String] = []

    @Flag(help: "One JSON object: how many files there are, the findings, the problems.")
    var json = false

    func run() throws {
        let environment = ProcessEnvironment.variables
        let values = try variables.map { name in
            guard let value = environment[name], !value.isEmpty else {
                throw ValidationError("--secret-env \(name): the variable is not set")
            }
            guard value.utf8.count >= SecretScan.shortestValue else {
                throw ValidationError(
                    "--secret-env \(name): a value of less than \(SecretScan.shortestValue) bytes would be found anywhere"
                )
            }
            return (name: name, value: value)
        }
        let scan = SecretScan(paths, values: values)
        if json {
            try Output.write(scan.json)
        } else {
            try Output.write(scan.findings.map { $0.description + "\n" }.joined())
        }
        if !scan.problems.isEmpty { throw Exit.fail(scan.problems.joined(separator: "\nerror: "), .failure) }
        if !scan.findings.isEmpty { throw ExitCode.failure }
    }
}
