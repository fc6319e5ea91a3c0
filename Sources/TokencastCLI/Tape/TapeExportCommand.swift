public import ArgumentParser
public import TapeTools
import Tapes
import Tokencast

#if canImport(Glibc)
import Glibc
#endif

struct TapeExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write tapes as what other tools read.",
        discussion: """
            A file goes to standard output unless -o names another. A directory needs -o: for har one file with all of \
            its tapes, else a directory that gets a file for each. Nothing is replaced without --force.
            """
    )

    @Argument(help: ArgumentHelp("A tape, or a cassette's directory.", valueName: "file|dir"))
    var source: String

    @Option(help: "The body byte for byte, or an archive (HAR 1.2).")
    var format: ExportFormat

    @Option(name: .shortAndLong, help: ArgumentHelp("Where to write.", valueName: "file|dir"))
    var output: String?

    @Flag(help: "Replace files, and write bodies that aren't of the format's kind.")
    var force = false

    func run() throws {
        var problems: [TapeError] = []
        do {
            if FileSystem.isDirectory(source) {
                problems = try exportAll()
            } else {
                let tape = try TapeReader.read(path: source)
                try emit(bytes(tape, source), to: output)
            }
        } catch let error as TapeError {
            problems.append(error)
        }
        guard problems.isEmpty else {
            throw Exit.fail(problems.map(\.description).joined(separator: "\nerror: "), .failure)
        }
    }

    private func bytes(_ tape: Tape, _ name: String) throws(TapeError) -> [UInt8] {
        guard format == .har else { return try TapeExport.body(of: tape, as: format, name: name, isForced: force) }
        var log = HARLog(version: tokencastVersion)
        log.add(tape, name: name)
        return log.bytes
    }

    /// Exports every tape that can be, and gives back what is wrong with the others.
    private func exportAll() throws -> [TapeError] {
        guard let output else {
            throw TapeError(.file, "is a directory: say with -o where its tapes go", file: source)
        }
        let cassette = Cassette.inspect(directory: source)
        let progress = ProgressLine(total: cassette.items.count)
        var problems = cassette.errors
        var count = 0
        if format == .har {
            var log = HARLog(version: tokencastVersion)
            for item in cassette.items { log.add(item.tape, name: item.name) }
            count = cassette.items.count
            try emit(log.bytes, to: output)
        } else {
            for (index, item) in cassette.items.enumerated() {
                progress.show(index + 1, item.name)
                do {
                    let body = try TapeExport.body(of: item.tape, as: format, name: item.name, isForced: force)
                    try FileSystem.makeDirectories(above: "\(output)/\(item.name)")
                    try emit(body, to: "\(output)/\(TapeName.withoutSuffix(item.name)).\(format.rawValue)")
                    count += 1
                } catch let error as TapeError {
                    problems.append(error)
                }
            }
        }
        progress.clear()
        Exit.write(2, "\(count) of \(cassette.items.count) tapes written to \(output)\n")
        return problems
    }

    private func emit(_ bytes: [UInt8], to path: String?) throws {
        guard let path, path != "-" else { return try Output.write(bytes) }
        try FileSystem.write(bytes, to: path, replacing: force)
    }
}

extension ExportFormat: ExpressibleByArgument {}
