import Tapes

/// The tapes of a directory, a line each.
public struct TapeListing: Sendable {
    /// The table, its heading included.
    public let table: String
    /// Files that are no tapes, with file and line.
    public let problems: [String]

    public init(directory: String) {
        let cassette = Cassette.inspect(directory: directory)
        problems = cassette.errors.map(\.description)
        var rows = [["NAME", "MODEL", "STATUS", "END", "CHUNKS", "BYTES", "FIRST", "SECONDS"]]
        for item in cassette.items {
            let tape = item.tape
            let first = tape.entries.first { if case .chunk = $0.content { true } else { false } }
            let total = tape.end?.offset ?? tape.entries.last?.offset
            let row: [String] = [
                item.name,
                tape.request.model ?? "-",
                tape.response.map { String($0.status) } ?? "-",
                tape.end.map { "\($0.reason)" } ?? "partial",
                String(tape.chunks.count),
                String(tape.chunks.reduce(0) { $0 + $1.count }),
                first.map { seconds($0.offset) } ?? "-",
                total.map(seconds) ?? "-",
            ]
            rows.append(row)
        }
        table = columns(rows)
    }
}

/// Microseconds as seconds with three digits behind the point.
func seconds(_ microseconds: Int64) -> String {
    let milliseconds = min(max(0, microseconds), Int64.max - 500).advanced(by: 500) / 1000
    let fraction = String(milliseconds % 1000)
    return "\(milliseconds / 1000).\(String(repeating: "0", count: 3 - fraction.count))\(fraction)"
}

/// Lines up rows in columns, two spaces apart.
func columns(_ rows: [[String]]) -> String {
    let count = rows.map(\.count).max() ?? 0
    let widths = (0..<count).map { column in rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0 }
    return rows.map { row in
        let cells = row.enumerated().map { index, cell in
            index == row.count - 1 ? cell : cell + String(repeating: " ", count: widths[index] - cell.count)
        }
        return cells.joined(separator: "  ") + "\n"
    }.joined()
}
