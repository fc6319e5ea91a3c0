/// Rows lined up in columns, two spaces apart, by how wide a terminal shows them.
struct Table {
    struct Column {
        var title: String
        /// Numbers are lined up at their right.
        var isNumber = false
        /// Where there isn't room for all, the columns with the highest number go first; those with 0 stay.
        var dispensable = 0
    }

    struct Cell {
        var text: String
        var colour: Appearance.Colour?
    }

    let columns: [Column]
    var rows: [[Cell]] = []

    init(_ columns: [Column]) {
        self.columns = columns
    }

    mutating func add(_ cells: [Cell]) {
        rows.append(cells)
    }

    /// The table, its titles included. The first column is shortened where even the others alone leave it no room.
    func text(_ appearance: Appearance) -> String {
        var shown = Array(columns.indices)
        var widths = columns.indices.map { column in
            rows.reduce(DisplayWidth.of(columns[column].title)) { max($0, DisplayWidth.of($1[column].text)) }
        }
        if let width = appearance.width {
            func excess() -> Int { shown.reduce(-2) { $0 + widths[$1] + 2 } - width }
            while excess() > 0,
                let victim = shown.filter({ columns[$0].dispensable > 0 })
                    .max(by: { columns[$0].dispensable < columns[$1].dispensable })
            {
                shown.removeAll { $0 == victim }
            }
            if excess() > 0 { widths[0] = max(8, widths[0] - excess()) }
        }
        let titles = columns.map { Cell(text: $0.title, colour: .bold) }
        return ([titles] + rows).map { row in
            let cells = shown.map { column in
                let cell = row[column]
                let text = DisplayWidth.shorten(cell.text, to: widths[column], ellipsis: appearance.ellipsis)
                let isLast = column == shown.last && !columns[column].isNumber
                let padded =
                    isLast ? text : DisplayWidth.pad(text, to: widths[column], right: columns[column].isNumber)
                return appearance.paint(padded, cell.colour)
            }
            return cells.joined(separator: "  ") + "\n"
        }.joined()
    }
}
