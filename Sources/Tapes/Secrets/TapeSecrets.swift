/// What has to be masked wherever it occurs in what is stored: the credentials that the proxy has seen or put in, and
/// all that looks like one.
///
/// A mask is as long as what it hides, so that offsets, lengths and framing stay true. What is shorter than 8 bytes
/// (`unused`, `x`) is no credential and would mask half a text.
public struct TapeSecrets: Sendable {
    /// The version of the rules of masking, as tapes have it in their header.
    public static let version = "r2"

    /// No known values: the detectors alone.
    public static let none = TapeSecrets(values: [])

    static let minimumLength = 8
    /// More of a value than this isn't looked at.
    private static let maximumLength = 16 << 10

    let rules: SecretRules
    private let values: Set<[UInt8]>

    /// Takes tokens, whole header values (`Bearer sk-…`, a cookie) or other text that is secret.
    public init(_ secrets: [String]) {
        self.init(values: secrets.reduce(into: []) { $0.formUnion(SecretValue.parts(of: $1)) })
    }

    private init(values: Set<[UInt8]>) {
        self.values = values
        let texts = values.flatMap(SecretValue.spellings)
            .filter { $0.count >= Self.minimumLength }
            .map { Array($0.prefix(Self.maximumLength)) }
        rules =
            texts.isEmpty ? .detectorsOnly : SecretRules(values: Set(texts).sorted { $0.lexicographicallyPrecedes($1) })
    }

    /// These secrets and some more.
    public func adding(_ secrets: [String]) -> TapeSecrets {
        let added = secrets.reduce(into: Set<[UInt8]>()) { $0.formUnion(SecretValue.parts(of: $1)) }
        return added.isSubset(of: values) ? self : TapeSecrets(values: values.union(added))
    }

    /// Whether there are no known values.
    public var isEmpty: Bool { values.isEmpty }

    /// A text with its secrets masked.
    public func masking(_ text: String) -> String {
        var text = text
        let copy = text.withUTF8 { maskedCopy($0.span) }
        return copy.map { String(decoding: $0, as: UTF8.self) } ?? text
    }

    /// Bytes with their secrets masked.
    func masking(_ bytes: [UInt8]) -> [UInt8] { maskedCopy(bytes.span) ?? bytes }

    /// Nil where there is nothing to mask.
    private func maskedCopy(_ bytes: Span<UInt8>) -> [UInt8]? {
        var matches: [SecretRules.Match] = []
        _ = rules.scan(bytes, 0..<bytes.count, context: 0, ending: .closed, into: &matches)
        guard !matches.isEmpty else { return nil }
        var masked: [UInt8] = []
        masked.reserveCapacity(bytes.count)
        for index in bytes.indices { masked.append(bytes[index]) }
        for match in matches {
            for index in match.range { masked[index] = SecretMasks.masked(masked[index], isBare: false) }
        }
        return masked
    }
}
