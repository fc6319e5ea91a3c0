/// Masks the secrets in a text that comes in pieces: known values, and what looks like a credential.
///
/// What may still become a secret is held back until it is decided; the text keeps its length in UTF-8. It does no I/O.
///
/// ```swift
/// var scrubber = TextScrubber(secrets)
/// print(scrubber.feed("the key is sk-abc"))   // the key is␣
/// print(scrubber.feed("def…"))
/// print(scrubber.finish())
/// ```
public struct TextScrubber: Sendable {
    private let rules: SecretRules
    private var cursor = SecretCursor()
    private var masks = SecretMasks()
    private var held: [UInt8] = []
    /// The position of the first held byte.
    private var start = 0

    /// - Parameter secrets: the credentials that are known; detectors are looked for in any case.
    public init(_ secrets: TapeSecrets = .none) {
        rules = secrets.rules
    }

    /// Takes a piece of text; gives back what is decided, masked.
    public mutating func feed(_ text: String) -> String {
        String(decoding: feed(Array(text.utf8)), as: UTF8.self)
    }

    /// Takes a piece of UTF-8, which may be cut anywhere; gives back what is decided, masked.
    public mutating func feed(_ text: [UInt8]) -> [UInt8] {
        let base = start + held.count
        cursor.take(text.span, 0..<text.count, base: base, rules, &masks)
        held += text
        return release(upTo: cursor.firstPosition(from: start) ?? base + text.count)
    }

    /// Takes the end of the text; gives back what was held. It is then ready for another text.
    ///
    /// - Parameter isCut: whether the text was broken off, so that a part of a known value is masked too.
    public mutating func finish(isCut: Bool = false) -> String {
        cursor.end(isCut ? .cut : .closed, rules, &masks)
        return String(decoding: release(upTo: start + held.count), as: UTF8.self)
    }

    private mutating func release(upTo end: Int) -> [UInt8] {
        for mask in masks.masks {
            for position in mask.range {
                held[position - start] = SecretMasks.masked(held[position - start], isBare: false)
            }
        }
        masks.removeAll()
        let released = Array(held[..<(end - start)])
        held.removeFirst(end - start)
        start = end
        return released
    }
}
