import Dialects
public import Tapes

/// The formats that a tape can be written as.
public enum ExportFormat: String, Sendable, CaseIterable {
    /// The body of an event stream, byte for byte.
    case sse
    /// The body of JSON values, one a line, byte for byte.
    case ndjson
    /// An HTTP Archive (HAR 1.2), which browsers' developer tools open.
    case har
}

/// Writes tapes as what other tools read.
public enum TapeExport {
    /// The body, byte for byte.
    ///
    /// - Parameters:
    ///   - name: what an error calls the tape.
    ///   - isForced: whether it is given though it isn't of that kind.
    /// - Throws: a ``TapeError`` where the body is something else.
    public static func body(
        of tape: Tape,
        as format: ExportFormat,
        name: String,
        isForced: Bool = false
    ) throws(TapeError) -> [UInt8] {
        guard !isForced else { return tape.body }
        guard let response = tape.response else {
            throw TapeError(
                .value,
                "has no answer: it ended with \(tape.end?.reason.rawValue ?? "nothing")",
                file: name
            )
        }
        let decoded = DecodedTape(tape)
        let wanted: Dialect.Framing = format == .sse ? .serverSentEvents : .ndjson
        guard decoded.framing == wanted else {
            let type = response.contentType ?? "of no known type"
            let kind = format == .sse ? "an event stream" : "NDJSON"
            let found = "its body is \(type) (status \(response.status)), not \(kind)"
            throw TapeError(.value, "\(found); --force writes its bytes all the same", file: name)
        }
        return tape.body
    }
}
