/// The file names of tapes: `<api>-<model>-<key8>[-<n>].tape.jsonl`, and `….part` while one is being recorded.
package enum TapeName {
    package static let suffix = ".tape.jsonl"
    package static let partSuffix = ".tape.jsonl.part"

    /// The name without number and suffix. What is in it comes from a request, so it is made plain and short.
    package static func stem(api: String, model: String?, key8: String) -> String {
        [api, model ?? "", key8].map(plain).filter { !$0.isEmpty }.joined(separator: "-")
    }

    /// The name with its number; the first goes without.
    package static func numbered(_ stem: String, _ number: Int) -> String {
        number <= 1 ? stem : "\(stem)-\(number)"
    }

    private static func plain(_ text: String) -> String {
        var bytes = PlainName.bytes(text, limit: 48)
        bytes.removeSubrange(
            ..<(bytes.firstIndex { $0 != UInt8(ascii: ".") && $0 != UInt8(ascii: "-") } ?? bytes.endIndex)
        )
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Whether `left` was recorded before `right`: by directory and name, numbers by their value (2 before 10), none
    /// first.
    package static func precedes(_ left: String, _ right: String) -> Bool {
        let (left, right) = (parts(left), parts(right))
        if left.stem.elementsEqual(right.stem) { return left.number < right.number }
        return left.stem.lexicographicallyPrecedes(right.stem)
    }

    /// A file's name without number and suffix.
    package static func stem(of name: String) -> String { String(Substring(parts(name).stem)) }

    /// The number of a file's name; 1 where it has none.
    package static func number(of name: String) -> Int { parts(name).number }

    /// A file's name without suffix.
    package static func withoutSuffix(_ name: String) -> String {
        for suffix in [partSuffix, suffix] where name.hasSuffix(suffix) {
            return String(name.dropLast(suffix.count))
        }
        return name
    }

    private static func parts(_ name: String) -> (stem: Substring.UTF8View, number: Int) {
        var stem = name[...].utf8
        for suffix in [partSuffix, suffix] where name.hasSuffix(suffix) {
            stem = stem.dropLast(suffix.utf8.count)
            break
        }
        // A number has 6 digits at most, so that a key of 8 digits isn't one.
        guard let dash = stem.lastIndex(of: UInt8(ascii: "-")), stem[dash...].count <= 7,
            let number = Int(Substring(stem[dash...].dropFirst())), number > 1
        else { return (stem, 1) }
        return (stem[..<dash], number)
    }
}
