import Dialects
import Tapes

/// What `tape ls` says of one tape.
struct TapeSummary: Sendable {
    var name: String
    var scope: String
    var isPart: Bool
    var created: String
    /// Seconds since it was recorded; nil where the tape doesn't say when.
    var age: Int?
    var dialect: String
    var method: String
    var path: String
    var model: String?
    var status: Int?
    /// Nil for a partial tape.
    var end: String?
    /// Microseconds.
    var firstToken: Int64?
    var chunks: Int
    var bytes: Int
    /// Microseconds.
    var duration: Int64?

    /// - Parameter now: seconds since 1970.
    init(_ tape: Tape, file: CassetteFiles.File, now: Int) {
        let decoded = DecodedTape(tape)
        name = file.name
        scope = tape.header.scope.description
        isPart = file.isPart
        created = tape.header.created
        age = Timestamp.secondsSince1970(created).map { max(0, now - $0) }
        dialect = decoded.dialect.name
        method = tape.request.method
        path = tape.request.path
        model = tape.request.model ?? decoded.model
        status = tape.response?.status
        end = tape.end?.reason.rawValue
        firstToken = decoded.firstToken
        chunks = 0
        bytes = 0
        for case .chunk(let piece) in tape.entries.lazy.map(\.content) {
            chunks += 1
            bytes += piece.count
        }
        duration = tape.duration
    }

    var json: JSONValue {
        .object([
            ("name", .string(name)),
            ("scope", .string(scope)),
            ("partial", .bool(isPart || end == nil)),
            ("created", created.isEmpty ? .null : .string(created)),
            ("age_seconds", .optional(age)),
            ("dialect", .string(dialect)),
            ("method", .string(method)),
            ("path", .string(path)),
            ("model", .optional(model)),
            ("status", .optional(status)),
            ("end", .optional(end)),
            ("first_token_us", .optional(firstToken)),
            ("chunks", .integer(chunks)),
            ("bytes", .integer(bytes)),
            ("duration_us", .optional(duration)),
        ])
    }
}

extension JSONValue {
    static func optional(_ number: (some BinaryInteger)?) -> JSONValue { number.map { .integer($0) } ?? .null }

    static func optional(_ text: String?) -> JSONValue { text.map { .string($0) } ?? .null }
}

/// Words for amounts.
enum Amount {
    /// How long ago, in one unit: `45s`, `12m`, `7h`, `3d`, `2y`.
    static func age(_ seconds: Int) -> String {
        switch seconds {
        case ..<60: "\(max(0, seconds))s"
        case ..<3600: "\(seconds / 60)m"
        case ..<172_800: "\(seconds / 3600)h"
        case ..<63_072_000: "\(seconds / 86_400)d"
        default: "\(seconds / 31_536_000)y"
        }
    }

    /// Microseconds as seconds with three digits behind the point.
    static func seconds(_ microseconds: Int64) -> String {
        let milliseconds = min(max(0, microseconds), Int64.max - 500).advanced(by: 500) / 1000
        let fraction = String(milliseconds % 1000)
        return "\(milliseconds / 1000).\(String(repeating: "0", count: 3 - fraction.utf8.count))\(fraction)"
    }

    /// So many of a thing: `1 chunk`, `2 chunks`.
    static func count(_ number: Int, _ thing: String) -> String { "\(number) \(thing)\(number == 1 ? "" : "s")" }
}
