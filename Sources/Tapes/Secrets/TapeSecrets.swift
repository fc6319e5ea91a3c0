/// What has to be masked wherever it occurs in what is stored: the credentials that the proxy has seen or put in, and
/// all that looks like one.
///
/// A mask is as long as what it hides, so that offsets, lengths and framing stay true. What is shorter than 8 bytes
/// (`unused`, `x`) is no credential and would mask half a text.
public struct TapeSecrets: Sendable {
    /// The version of the rules of masking, as tapes have it in their header.
    public static let version = "r2"

    /// No known values: the detectors alone.
    public static let none = TapeSecrets(values: [:])

    /// What has less bytes isn't masked.
    package static let minimumLength = 8
    /// More of a value than this isn't looked at.
    private static let maximumLength = 128 << 10
    private static let valueName = "known-value"

    let rules: SecretRules
    /// The parts of the known values, with the names that findings have.
    private let values: [[UInt8]: String]

    /// Takes tokens, whole header values (`Bearer sk-…`, a cookie) or other text that is secret.
    public init(_ secrets: [String]) {
        self.init(values: Self.parts(of: secrets))
    }

    /// Takes secrets whose findings are to be called `value of NAME`.
    package init(named secrets: [(name: String, value: String)]) {
        var values: [[UInt8]: String] = [:]
        for (name, value) in secrets {
            for part in SecretValue.parts(of: value) { values[part] = "value of \(name)" }
        }
        self.init(values: values)
    }

    private init(values: [[UInt8]: String]) {
        self.values = values
        var texts: [[UInt8]: String] = [:]
        for (value, name) in values {
            for text in SecretValue.spellings(value) { texts[Array(text.prefix(Self.maximumLength))] = name }
        }
        let known = texts.map { (name: $0.value, text: $0.key) }.sorted { $0.text.lexicographicallyPrecedes($1.text) }
        rules = known.isEmpty ? .detectorsOnly : SecretRules(values: known)
    }

    private static func parts(of secrets: [String]) -> [[UInt8]: String] {
        var values: [[UInt8]: String] = [:]
        for secret in secrets {
            for part in SecretValue.parts(of: secret) { values[part] = valueName }
        }
        return values
    }

    /// These secrets and some more.
    public func adding(_ secrets: [String]) -> TapeSecrets {
        let added = Self.parts(of: secrets)
        if added.keys.allSatisfy({ values[$0] != nil }) { return self }
        return TapeSecrets(values: values.merging(added) { first, _ in first })
    }

    /// How many values are known.
    public var count: Int { values.count }

    /// Whether there are no known values.
    public var isEmpty: Bool { values.isEmpty }

    /// A text with its secrets masked.
    public func masking(_ text: String) -> String {
        var text = text
        let copy = text.withUTF8 { maskedCopy($0.span) }
        return copy.map { String(decoding: $0, as: UTF8.self) } ?? text
    }

    /// A text that may have been broken off: a known value that begins at its end is masked, too.
    func maskingCutOff(_ text: String) -> String {
        var scrubber = TextScrubber(self)
        return scrubber.feed(text) + scrubber.finish(isCut: true)
    }

    /// What is secret in a text: the rule's name, and where it stands.
    package func findings(in text: String) -> [SecretScrubber.Finding] {
        var text = text
        return text.withUTF8 { bytes in
            var matches: [SecretRules.Match] = []
            let span = bytes.span
            _ = rules.scan(span, 0..<span.count, context: 0, ending: .closed, into: &matches)
            return matches.map { SecretScrubber.Finding(rule: rules.rules[$0.rule].name, range: $0.range) }
        }
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
