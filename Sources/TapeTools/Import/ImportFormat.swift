import Dialects
import Tapes

/// The formats that tapes can be made from.
public enum ImportFormat: String, Sendable, CaseIterable {
    /// A cassette of vcrpy: YAML, or its JSON form.
    case vcrpy
    /// A fixture file of aimock.
    case aimock
    /// The body of an event stream.
    case sse
    /// A body of JSON values, one a line.
    case ndjson

    /// Finds out what a file is, by its name and, where that leaves it open, by its first bytes.
    ///
    /// - Returns: nil where neither says.
    init?(file: String, _ bytes: [UInt8]) {
        let name = file.lowercased()
        let extensions: [(String, ImportFormat)] = [
            (".yaml", .vcrpy), (".yml", .vcrpy), (".sse", .sse), (".ndjson", .ndjson), (".jsonl", .ndjson),
        ]
        if let known = extensions.first(where: { name.hasSuffix($0.0) }) {
            self = known.1
            return
        }
        let text = bytes.drop { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") || $0 == UInt8(ascii: " ") }
        func begins(_ start: String) -> Bool { text.starts(with: start.utf8) }
        if begins("{") {
            if let value = try? JSONValue(parsing: bytes, options: .lenient) {
                if value["interactions"] != nil {
                    self = .vcrpy
                } else if value["fixtures"] != nil {
                    self = .aimock
                } else {
                    return nil
                }
            } else if name.hasSuffix(".json") {
                return nil
            } else {
                self = .ndjson
            }
        } else if begins("interactions:") {
            self = .vcrpy
        } else if begins("data:") || begins("event:") || begins("id:") || begins(":") {
            self = .sse
        } else {
            return nil
        }
    }
}
