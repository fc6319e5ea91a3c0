import Dialects
import NIOHTTP1

/// Where callers show a key: in a header of our own, or where their SDK has the provider's.
enum KeySlots {
    /// Ours, which goes before the others.
    static let own = "tokencast-key"
    /// Google's item of a query.
    private static let item = "key"

    /// The keys in SDKs' places, in their order.
    ///
    /// - Parameter query: without its question mark; nil for a path where none is looked for.
    static func shown(in fields: HTTPHeaders, query: String?) -> [String] {
        var shown = Credentials.headers.flatMap { fields[$0] }.map(value)
        for item in items(of: query) where isKey(item) { shown.append(keyValue(item)) }
        return shown.filter { !$0.isEmpty }
    }

    /// The headers that may go on: none of ours, none that bears one of our keys.
    ///
    /// - Parameters:
    ///   - shown: the key that was taken, which no header may hold, whatever it is called.
    ///   - isOurs: whether a text is any key of ours.
    static func without(ours shown: String?, _ fields: HTTPHeaders, isOurs: (String) -> Bool) -> HTTPHeaders {
        HTTPHeaders(
            fields.filter { name, text in
                let name = name.lowercased()
                if name == own || holds(text, shown) { return false }
                return !Credentials.headers.contains(name) || !isOurs(value(text))
            }.map { ($0.name, $0.value) }
        )
    }

    /// The items of a query that may go on.
    static func without(ours shown: String?, query: String?, isOurs: (String) -> Bool) -> String? {
        guard let query else { return nil }
        let items = items(of: query)
        let kept = items.filter { item in
            if holds(String(item), shown) || holds(String(item).percentDecoded, shown) { return false }
            return !isKey(item) || !isOurs(keyValue(item))
        }
        // What nothing is taken out of goes on as it came.
        guard kept.count < items.count else { return query }
        return kept.isEmpty ? nil : kept.joined(separator: "&")
    }

    private static func holds(_ text: String, _ shown: String?) -> Bool {
        guard let shown else { return false }
        return text.utf8.count >= shown.utf8.count && contains(Array(text.utf8), Array(shown.utf8))
    }

    private static func contains(_ text: [UInt8], _ part: [UInt8]) -> Bool {
        guard let first = part.first else { return false }
        return text.indices.dropLast(part.count - 1).contains { start in
            text[start] == first && text[start..<start + part.count].elementsEqual(part)
        }
    }

    private static func items(of query: String?) -> [Substring] {
        query?.split(separator: "&", omittingEmptySubsequences: false) ?? []
    }

    private static func isKey(_ item: Substring) -> Bool {
        String(item.prefix { $0 != "=" }).percentDecoded == Self.item
    }

    private static func keyValue(_ item: Substring) -> String {
        String(item.drop { $0 != "=" }.dropFirst()).percentDecoded
    }

    /// A header's value without the word `Bearer`, whatever its case, and without blanks around it.
    static func value(_ text: String) -> String {
        let blanks: Set<Character> = [" ", "\t"]
        var value = text[...]
        func trim() {
            value = value.drop { blanks.contains($0) }
            while let last = value.last, blanks.contains(last) { value.removeLast() }
        }
        trim()
        guard value.prefix(6).lowercased() == "bearer" else { return String(value) }
        let rest = value.dropFirst(6)
        guard rest.first.map(blanks.contains) ?? true else { return String(value) }
        value = rest
        trim()
        return String(value)
    }
}
