public import ArgumentParser
public import TapeTools
import Tapes
import Tokencast

struct TapeImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Make tapes of what other tools have recorded.",
        discussion: """
            The format is found out by the file's extension and content: .yaml and .yml are vcrpy's, .json is vcrpy's or \
            aimock's, .sse and .ndjson are bodies. All or nothing: unless every file can be read, no tape is made. \
            Fixtures that say more than a tape can are named and skipped; the code is then 1.
            """
    )

    @Argument(help: ArgumentHelp("The files.", valueName: "file"))
    var files: [String]

    @Option(help: ArgumentHelp("The cassette that the tapes go to.", valueName: "dir"))
    var cassette: String

    @Option(help: ArgumentHelp("The directory within it.", valueName: "scope"))
    var scope: String?

    @Option(help: "What the files are. (default: found out)")
    var format: ImportFormat?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Milliseconds between events, whose real times aren't known.", valueName: "ms")
    )
    var pace = 20.0

    @Option(help: ArgumentHelp("For bodies: the JSON body of the request that they answer.", valueName: "file"))
    var request: String?

    @Option(help: ArgumentHelp("For bodies: the request's path. (default: /v1/chat/completions)", valueName: "path"))
    var path: String?

    @Option(
        help: ArgumentHelp(
            "The request's model. (default: for bodies the one that they name, for fixtures gpt-4o)",
            valueName: "name"
        )
    )
    var model: String?

    @Option(help: ArgumentHelp("For bodies: the answer's status. (default: 200)", valueName: "code"))
    var status: Int?

    @Flag(help: "Replace tapes of equal requests, instead of taking the next number.")
    var force = false

    func validate() throws {
        guard !files.isEmpty else { throw ValidationError("name at least one file") }
        guard (0...3_600_000).contains(pace) else { throw ValidationError("--pace takes 0 to 3600000 milliseconds") }
        if let scope, TapeScope(scope) == nil { throw ValidationError("'\(scope)' can't name a scope") }
        if let status, !(100...599).contains(status) { throw ValidationError("--status takes 100 to 599") }
        if let path, path.utf8.first != UInt8(ascii: "/") { throw ValidationError("--path must begin with a slash") }
    }

    private var importer: TapeImporter {
        var importer = TapeImporter(directory: cassette, tool: "tokencast/\(tokencastVersion)")
        importer.scope = scope.flatMap { TapeScope($0) } ?? .root
        importer.format = format
        importer.pace = Int64(pace * 1000)
        importer.replaces = force
        importer.plain.requestFile = request
        importer.plain.path = path ?? importer.plain.path
        importer.plain.model = model
        importer.plain.status = status ?? importer.plain.status
        importer.fixtureModel = model ?? importer.fixtureModel
        return importer
    }

    func run() async throws {
        let progress = ProgressLine(total: files.count)
        defer { progress.clear() }
        let outcome: TapeImporter.Outcome
        do {
            outcome = try await importer.run(files) { progress.show($0, files[$0 - 1]) }
        } catch {
            throw Exit.fail(error.errors.map(\.description).joined(separator: "\nerror: "), .failure)
        }
        for note in outcome.notes { Exit.write(2, "note: \(note)\n") }
        let count = outcome.tapes.count
        Exit.write(
            1,
            "\(count) \(count == 1 ? "tape" : "tapes") from \(files.count) \(files.count == 1 ? "file" : "files")\n"
        )
        guard outcome.skipped.isEmpty else {
            throw Exit.fail(outcome.skipped.map(\.description).joined(separator: "\nerror: "), .failure)
        }
    }
}

extension ImportFormat: ExpressibleByArgument {}
