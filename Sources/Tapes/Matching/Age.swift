/// A span of time as rules write it: `90s`, `45m`, `12h`, `30d`, `2w`.
package enum Age {
    private static let units: [(letter: UInt8, seconds: Int64)] = [
        (UInt8(ascii: "s"), 1), (UInt8(ascii: "m"), 60), (UInt8(ascii: "h"), 3600), (UInt8(ascii: "d"), 86_400),
        (UInt8(ascii: "w"), 604_800),
    ]

    /// Its seconds; nil where the text is none. A number has 9 digits at most.
    package static func seconds(_ text: String) -> Int64? {
        let digits = text.utf8.dropLast()
        guard let unit = units.first(where: { $0.letter == text.utf8.last }), !digits.isEmpty, digits.count <= 9,
            digits.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") })
        else { return nil }
        return digits.reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) } * unit.seconds
    }

    /// A number of seconds for people to read, in the largest unit that it has two of: `3 weeks`, `45 days`.
    package static func description(_ seconds: Int64) -> String {
        let names = ["seconds", "minutes", "hours", "days", "weeks"]
        for (unit, name) in zip(units, names).reversed() where seconds >= 2 * unit.seconds {
            return "\(seconds / unit.seconds) \(name)"
        }
        return "\(seconds) seconds"
    }
}
