import Dialects
public import Tapes

/// A tape's events as JSON lines, to be written at their times.
public enum PlayedEvents {
    /// Each line, its line end included, with its time in microseconds since the request went out.
    public static func lines(of tape: Tape) -> [(offset: Int64, line: [UInt8])] {
        let newline = UInt8(ascii: "\n")
        return EventLines(tape).json.split(separator: newline).map { line in
            let time = (try? JSONValue(parsing: Array(line)))?["us"]?.int ?? 0
            return (Int64(time), line + [newline])
        }
    }
}
