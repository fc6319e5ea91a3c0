/// A JSON object that comes in pieces: each piece's members take the place of those with the same name.
///
/// A `null` says nothing, so it never replaces a value. Members keep the order in which they first came.
struct MergedJSONObject: Sendable, Hashable {
    /// The object as JSON text; `{}` before the first piece.
    private(set) var bytes: [UInt8] = Array("{}".utf8)
    /// How long all objects were together: whoever keeps each of them pays for that.
    private var total = 0

    /// Longer objects, those with more members, and more pieces aren't what this is for: then the newest piece stands
    /// alone, so that a hostile stream of many small pieces costs no more than they do.
    private static let maximumSize = 16 << 10
    private static let maximumMembers = 128
    private static let maximumTotal = 16 << 20

    var isEmpty: Bool { bytes.count == 2 }

    /// The object as text.
    var raw: String { String(decoding: bytes, as: UTF8.self) }

    /// Takes the next piece; a value that is no object, or has no members, changes nothing.
    mutating func merge(_ piece: JSONSlice, in data: RawSpan) {
        guard let news = Member.all(of: piece, in: data) else { return }
        guard !news.isEmpty else { return }
        guard !isEmpty, total <= Self.maximumTotal, bytes.count + piece.range.count <= Self.maximumSize,
            news.count <= Self.maximumMembers, let merged = merged(with: news, data)
        else {
            bytes.removeAll()
            bytes.append(data, piece.range)
            return
        }
        guard merged != bytes else { return }
        bytes = merged
        total += merged.count
    }

    /// Begins anew, with what has been spent already.
    mutating func removeAll() {
        bytes = Array("{}".utf8)
    }

    /// The object with other members in it; nil where it has too many.
    private func merged(with news: [Member], _ data: RawSpan) -> [UInt8]? {
        let span = bytes.span.bytes
        var scanner = JSONScanner(span)
        guard let whole = scanner.nextValue(in: span), let olds = Member.all(of: whole, in: span),
            olds.count <= Self.maximumMembers
        else { return nil }
        var result = Array("{".utf8)
        for old in olds {
            // Of a name that is repeated in the piece, the last one counts.
            let new = news.last { $0.value.isPresent && $0.hasName(of: old, span, data) }
            if let new { new.append(to: &result, data) } else { old.append(to: &result, span) }
        }
        for (index, new) in news.enumerated() {
            let isKnown = olds.contains { new.hasName(of: $0, span, data) }
            let isRepeated = news[(index + 1)...].contains { new.hasName(of: $0, data, data) }
            if !isKnown, !isRepeated { new.append(to: &result, data) }
        }
        result[result.count - 1] = UInt8(ascii: "}")
        return result
    }

    private struct Member {
        var key: JSONSlice
        var value: JSONSlice

        /// The members of an object, one more than are merged at most; nil where the value is none.
        static func all(of object: JSONSlice, in data: RawSpan) -> [Member]? {
            var scanner = JSONScanner(data, object)
            guard object.kind == .object, scanner.enterObject(in: data) else { return nil }
            var members: [Member] = []
            while members.count <= MergedJSONObject.maximumMembers, let key = scanner.nextKey(in: data),
                let value = scanner.nextValue(in: data)
            {
                members.append(Member(key: key, value: value))
            }
            return members
        }

        /// Compares names as they are written: a provider writes them the same way every time.
        func hasName(of other: Member, _ otherData: RawSpan, _ data: RawSpan) -> Bool {
            data.extracting(key.range).isEqual(to: otherData.extracting(other.key.range))
        }

        /// Appends the member and a comma.
        func append(to bytes: inout [UInt8], _ data: RawSpan) {
            bytes.append(data, key.range)
            bytes.append(UInt8(ascii: ":"))
            bytes.append(data, value.range)
            bytes.append(UInt8(ascii: ","))
        }
    }
}
