import Dialects
import Tapes

/// The tapes of a directory, a line each, in recorded order.
public struct TapeListing: Sendable {
    private let summaries: [TapeSummary]
    /// Files that are no tapes, with file and line.
    public let problems: [String]

    /// Reads the tapes one after another; none is kept.
    ///
    /// - Parameters:
    ///   - directory: the cassette's.
    ///   - now: seconds since 1970, for the ages.
    ///   - progress: called before each tape with its number, how many there are, and its name.
    public init(
        directory: String,
        now: Int,
        progress: (_ number: Int, _ total: Int, _ name: String) -> Void = { _, _, _ in }
    ) {
        let found = CassetteFiles(directory: directory)
        var problems = found.errors.map(\.description)
        var summaries: [TapeSummary] = []
        for (index, file) in found.files.enumerated() {
            progress(index + 1, found.files.count, file.name)
            do throws(TapeError) {
                summaries.append(TapeSummary(try TapeReader.read(path: file.path), file: file, now: now))
            } catch {
                problems.append(error.description)
            }
        }
        self.summaries = summaries
        self.problems = problems
    }

    /// Whether there is nothing to list.
    public var isEmpty: Bool { summaries.isEmpty }

    /// One array, an object for each tape.
    public var json: String {
        guard !summaries.isEmpty else { return "[]\n" }
        return "[\n" + summaries.map(\.json.jsonText).joined(separator: ",\n") + "\n]\n"
    }

    /// A table. In a narrow terminal it has fewer columns, and at last shorter names.
    public func table(_ appearance: Appearance = .plain) -> String {
        var table = Table([
            Table.Column(title: "NAME"),
            Table.Column(title: "AGE", isNumber: true, dispensable: 2),
            Table.Column(title: "DIALECT", dispensable: 5),
            Table.Column(title: "MODEL", dispensable: 3),
            Table.Column(title: "STATUS", isNumber: true, dispensable: 1),
            Table.Column(title: "END"),
            Table.Column(title: "FIRST", isNumber: true, dispensable: 4),
            Table.Column(title: "CHUNKS", isNumber: true, dispensable: 7),
            Table.Column(title: "BYTES", isNumber: true, dispensable: 8),
            Table.Column(title: "SECONDS", isNumber: true, dispensable: 6),
        ])
        for tape in summaries {
            let isError = (tape.status ?? 0) >= 400
            let end = tape.isPart || tape.end == nil ? "partial" : Printable.line(tape.end ?? "")
            table.add([
                Table.Cell(text: Printable.line(tape.name)),
                Table.Cell(text: tape.age.map(Amount.age) ?? "-"),
                Table.Cell(text: tape.dialect),
                Table.Cell(text: tape.model.map(Printable.line) ?? "-"),
                Table.Cell(text: tape.status.map(String.init) ?? "-", colour: isError ? .red : nil),
                Table.Cell(text: end, colour: end == "eof" ? nil : end == "partial" ? .yellow : .red),
                Table.Cell(text: tape.firstToken.map(Amount.seconds) ?? "-"),
                Table.Cell(text: String(tape.chunks)),
                Table.Cell(text: String(tape.bytes)),
                Table.Cell(text: tape.duration.map(Amount.seconds) ?? "-"),
            ])
        }
        return table.text(appearance)
    }
}
