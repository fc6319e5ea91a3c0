/// A tape's arrivals as figures and a small plot: chunks over time.
public struct TimingPlot: Sendable {
    private let arrivals: Arrivals

    public init(_ arrivals: Arrivals) {
        self.arrivals = arrivals
    }

    private static let height = 4
    private static let defaultWidth = 80
    private static let widest = 160

    public func text(_ appearance: Appearance = .plain) -> String {
        let labels = figures.map { DisplayWidth.pad($0.0, to: 12) }
        var lines = zip(labels, figures).map { appearance.paint($0, .bold) + "  " + $1.1 }
        if !arrivals.chunks.isEmpty, arrivals.total > 0 { lines += [""] + plot(appearance) }
        return lines.joined(separator: "\n") + "\n"
    }

    private var figures: [(String, String)] {
        func seconds(_ offset: Int64?) -> String { offset.map { "\(Amount.seconds($0)) s" } ?? "-" }
        let gaps = arrivals.gaps
        var lines = [
            ("head", seconds(arrivals.head)),
            ("first byte", seconds(arrivals.chunks.first)),
            ("first token", seconds(arrivals.tokens.first)),
            ("total", seconds(arrivals.total)),
            ("chunks", String(arrivals.chunks.count)),
        ]
        if let median = Arrivals.percentile(gaps, 50), let late = Arrivals.percentile(gaps, 95), let longest = gaps.last
        {
            lines.append(
                ("gaps", "median \(milliseconds(median)), p95 \(milliseconds(late)), max \(milliseconds(longest))")
            )
        }
        if !arrivals.tokens.isEmpty {
            var text = Amount.count(arrivals.tokens.count, "delta")
            if let tokens = arrivals.outputTokens { text += ", \(Amount.count(tokens, "output token"))" }
            if let rate = arrivals.tokensPerSecond { text += ", \(Arrivals.decimal(rate)) a second" }
            lines.append(("tokens", text))
        }
        return lines
    }

    private func milliseconds(_ microseconds: Int64) -> String {
        "\(Arrivals.decimal(Double(microseconds) / 1000)) ms"
    }

    private func plot(_ appearance: Appearance) -> [String] {
        let width = min(max(appearance.width ?? Self.defaultWidth, 24), Self.widest)
        // The axis's numbers and line stand before the columns.
        let counts = buckets(width - 7)
        let highest = counts.max() ?? 0
        let label = DisplayWidth.pad(String(highest), to: 5, right: true)
        let (axis, corner, floor) = appearance.isUnicode ? (" ┤", " └", "─") : (" |", " +", "-")
        var lines: [String] = []
        for row in (0..<Self.height).reversed() {
            let cells = counts.map { cell(count: $0, of: highest, row: row, appearance.isUnicode) }.joined()
            let margin = row == Self.height - 1 ? label : "     "
            lines.append(margin + axis + appearance.paint(Self.trimmed(cells), .cyan))
        }
        lines.append("     " + corner + String(repeating: floor, count: counts.count))
        lines.append("       " + ticks(counts.count))
        if let first = arrivals.tokens.first {
            let column = Self.column(first, of: arrivals.total, columns: counts.count)
            let mark = appearance.isUnicode ? "▲" : "^"
            let note = "first token"
            // Left of its mark where it wouldn't fit to the right.
            let line =
                column + note.count + 2 <= counts.count
                ? String(repeating: " ", count: column) + "\(mark) \(note)"
                : String(repeating: " ", count: max(0, column - note.count - 1)) + "\(note) \(mark)"
            lines.append("       " + appearance.paint(line, .dim))
        }
        return lines
    }

    /// How many chunks came in each stretch of time.
    private func buckets(_ columns: Int) -> [Int] {
        var counts = [Int](repeating: 0, count: columns)
        for offset in arrivals.chunks { counts[Self.column(offset, of: arrivals.total, columns: columns)] += 1 }
        return counts
    }

    static func column(_ offset: Int64, of total: Int64, columns: Int) -> Int {
        guard total > 0, columns > 0 else { return 0 }
        return min(columns - 1, max(0, Int(Double(offset) / Double(total) * Double(columns))))
    }

    private static let blocks = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]

    /// One place of a bar. What has come at all is seen, however little it is.
    private func cell(count: Int, of highest: Int, row: Int, _ isUnicode: Bool) -> String {
        guard count > 0, highest > 0 else { return " " }
        let steps = isUnicode ? 8 : 2
        let level = max(1, Int((Double(count) / Double(highest) * Double(steps * Self.height)).rounded()))
        let part = min(max(level - row * steps, 0), steps)
        return isUnicode ? Self.blocks[part] : [" ", ".", "#"][part]
    }

    private func ticks(_ columns: Int) -> String {
        let end = "\(Amount.seconds(arrivals.total)) s"
        let middle = Amount.seconds(arrivals.total / 2)
        let gap = columns / 2 - 1 - middle.count / 2
        guard gap > 1, columns - 1 - gap - middle.count - end.count > 1 else {
            return "0" + String(repeating: " ", count: max(1, columns - 1 - end.count)) + end
        }
        let left = "0" + String(repeating: " ", count: gap) + middle
        return left + String(repeating: " ", count: columns - left.count - end.count) + end
    }

    private static func trimmed(_ text: String) -> String {
        var text = text[...]
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
