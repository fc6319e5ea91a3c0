import Tapes

/// How a tee names the files of a stream: `{date}/{model}-{id}`, without the suffix that tells the format.
///
/// What is put in comes from requests: it is made plain and short, and no name begins with a dot, so that none leaves
/// the directory or hides in it.
public struct NameTemplate: Sendable, Hashable, CustomStringConvertible {
    /// What can be put in.
    public enum Placeholder: String, Sendable, Hashable, CaseIterable {
        /// The stream's id.
        case id
        /// The model that the request asks for.
        case model
        /// The format of the provider, as `openai.chat`.
        case dialect
        /// The channel that the request names.
        case channel
        /// The name of the upstream.
        case upstream
        /// When the stream began, in UTC: `2026-11-24`.
        case date
        /// `18-11-04`.
        case time
        /// `18`.
        case hour
        /// The HTTP status of the answer.
        case status
    }

    enum Piece: Sendable, Hashable {
        case literal([UInt8])
        case value(Placeholder)
    }

    /// `{id}`: a file is named by its stream's id.
    public static let id = NameTemplate(segments: [[.value(.id)]], description: "{id}")

    /// Directories, and last the file.
    let segments: [[Piece]]
    /// As it was written.
    public let description: String

    init(segments: [[Piece]], description: String) {
        self.segments = segments
        self.description = description
    }

    /// How long a segment may get: a file name's 255 bytes, less what is put behind it.
    static let segmentLimit = 200
    /// How much of a value is put in.
    static let valueLimit = 48

    /// Puts the values in. What there is no value of is `none`.
    func names(_ value: (Placeholder) -> String?) -> [String] {
        segments.map { pieces in
            var name: [UInt8] = []
            for piece in pieces {
                switch piece {
                case .literal(let bytes): name += bytes
                case .value(let placeholder):
                    let bytes = PlainName.bytes(value(placeholder) ?? "", limit: Self.valueLimit)
                    name += bytes.isEmpty ? Array("none".utf8) : bytes
                }
            }
            return Self.harmless(name)
        }
    }

    private static func harmless(_ long: [UInt8]) -> String {
        var name = Array(long.prefix(segmentLimit))
        // A literal may be cut within a character.
        while let last = name.last, last & 0xC0 == 0x80, long.count > segmentLimit { name.removeLast() }
        if long.count > segmentLimit, let last = name.last, last >= 0xC0 { name.removeLast() }
        if let first = name.first, first == UInt8(ascii: ".") || first == UInt8(ascii: "-") {
            name[0] = UInt8(ascii: "_")
        }
        let text = String(decoding: name, as: UTF8.self)
        return isDevice(text) ? "_" + text : text
    }

    /// Whether a name is a device's where a disk is shared with Windows: `con`, `nul.text`, `COM1`.
    private static func isDevice(_ name: String) -> Bool {
        let stem = name.prefix { $0 != "." }.lowercased()
        if ["con", "prn", "aux", "nul"].contains(stem) { return true }
        return stem.utf8.count == 4 && (stem.hasPrefix("com") || stem.hasPrefix("lpt")) && stem.last?.isNumber == true
    }
}
