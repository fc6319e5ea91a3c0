import Dialects

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Credentials that the proxy has seen or put in, to be masked wherever they occur in what is recorded.
///
/// A mask is as long as what it hides, so that offsets, lengths and framing stay true. What is shorter than 8 bytes
/// (`unused`, `x`) is no credential and would mask half a text.
public struct TapeSecrets: Sendable {
    public static let none = TapeSecrets([])

    static let minimumLength = 8
    private static let mask = UInt8(ascii: "*")

    /// The longest first, so that a secret that holds another is masked whole.
    private let patterns: [[UInt8]]

    /// Takes tokens or whole header values (`Bearer sk-…`).
    public init(_ secrets: [String]) {
        var patterns: Set<[UInt8]> = []
        for secret in secrets {
            // The scheme before a token is no secret, and the token may turn up without it.
            let words = secret.utf8.split(separator: UInt8(ascii: " "))
            let token = words.count == 2 ? Array(words[1]) : Array(secret.utf8)
            guard token.count >= Self.minimumLength else { continue }
            patterns.insert(token)
            patterns.formUnion(Self.escaped(token))
        }
        self.patterns = patterns.sorted {
            $0.count == $1.count ? $0.lexicographicallyPrecedes($1) : $0.count > $1.count
        }
    }

    public var isEmpty: Bool { patterns.isEmpty }

    /// How a secret looks within JSON, where that is another way than it is: with and without escaped slashes.
    private static func escaped(_ secret: [UInt8]) -> [[UInt8]] {
        var text: [UInt8] = []
        JSONValue.writeString(String(decoding: secret, as: UTF8.self), into: &text)
        let plain = Array(text.dropFirst().dropLast())
        let slashed = plain.flatMap { $0 == UInt8(ascii: "/") ? [UInt8(ascii: "\\"), $0] : [$0] }
        return [plain, slashed].filter { $0 != secret }
    }

    /// Masks every occurrence.
    func mask(_ bytes: inout [UInt8]) {
        for pattern in patterns where pattern.count <= bytes.count {
            var start = 0
            while let found = Self.find(pattern, in: bytes, from: start) {
                let end = found + pattern.count
                for index in found..<end { bytes[index] = Self.mask }
                start = end
            }
        }
    }

    /// Where a pattern starts. It is looked for by its last byte: the first is often the `s` of `sk-`, which is in
    /// every second word.
    private static func find(_ pattern: [UInt8], in bytes: [UInt8], from start: Int) -> Int? {
        bytes.withUnsafeBytes { buffer in
            guard let base = buffer.baseAddress, let last = pattern.last else { return nil }
            let length = pattern.count
            var end = start + length - 1
            while end < buffer.count, let candidate = memchr(base + end, Int32(last), buffer.count - end) {
                end = UnsafeRawPointer(candidate) - base
                if memcmp(base + end - length + 1, pattern, length) == 0 { return end - length + 1 }
                end += 1
            }
            return nil
        }
    }

    func masking(_ bytes: [UInt8]) -> [UInt8] {
        guard !patterns.isEmpty else { return bytes }
        var bytes = bytes
        mask(&bytes)
        return bytes
    }

    func masking(_ text: String) -> String {
        patterns.isEmpty ? text : String(decoding: masking(Array(text.utf8)), as: UTF8.self)
    }

    /// Masks the strings of a JSON value, the names of its members with them.
    func masking(_ value: JSONValue) -> JSONValue {
        guard !patterns.isEmpty else { return value }
        let kind: JSONValue.Kind =
            switch value.kind {
            case .null, .bool, .number: value.kind
            case .string(let text): .string(masking(text))
            case .array(let elements): .array(elements.map { masking($0) })
            case .object(let members):
                .object(masking(members))
            }
        return JSONValue(kind, line: value.line)
    }

    /// Two names of one length may become the same mask; the first stays, since a tape has no name twice.
    private func masking(_ members: [JSONValue.Member]) -> [JSONValue.Member] {
        var masked = members.map { JSONValue.Member(masking($0.name), masking($0.value), line: $0.line) }
        guard !zip(members, masked).allSatisfy({ $0.name.hasSameBytes(as: $1.name) }) else { return masked }
        var seen: Set<[UInt8]> = []
        masked.removeAll { !seen.insert(Array($0.name.utf8)).inserted }
        return masked
    }
}
