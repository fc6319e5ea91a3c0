import Dialects

/// One line of a tape, changed in place: the bytes that aren't changed stay as they were written.
struct LineEdit {
    private(set) var bytes: [UInt8]

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Writes another number in place of a line's second element.
    mutating func set(offset: Int64) -> Bool {
        guard let range = element(1) else { return false }
        bytes.replaceSubrange(range, with: String(offset).utf8)
        return true
    }

    /// Writes another value for a member of the object that is a line's third element; one that isn't there is added
    /// behind the others.
    mutating func set(_ name: String, _ value: JSONValue) -> Bool {
        guard let details = element(2) else { return false }
        guard bytes[details.lowerBound] == UInt8(ascii: "{") else { return false }
        let (found, last) = member(name, in: details)
        if let found {
            bytes.replaceSubrange(found, with: value.jsonBytes)
        } else {
            let member = JSONValue.string(name).jsonBytes + [UInt8(ascii: ":")] + value.jsonBytes
            let comma: [UInt8] = last == nil ? [] : [UInt8(ascii: ",")]
            let place = last ?? details.lowerBound + 1
            bytes.replaceSubrange(place..<place, with: comma + member)
        }
        return true
    }

    /// Where the value of a member stands, and where the last member's value ends.
    private func member(_ name: String, in object: Range<Int>) -> (found: Range<Int>?, last: Int?) {
        let inner = bytes.span.bytes.extracting(object)
        var (found, last): (Range<Int>?, Int?) = (nil, nil)
        var scanner = JSONScanner(inner)
        guard scanner.enterObject(in: inner) else { return (nil, nil) }
        while let key = scanner.nextKey(in: inner), let member = scanner.nextValue(in: inner) {
            let range = member.range.lowerBound + object.lowerBound..<member.range.upperBound + object.lowerBound
            last = range.upperBound
            if key.string(in: inner)?.hasSameBytes(as: name) == true { found = range }
        }
        return (found, last)
    }

    /// Where an element of the line stands.
    private func element(_ index: Int) -> Range<Int>? {
        let span = bytes.span.bytes
        var scanner = JSONScanner(span)
        guard scanner.enterArray(in: span) else { return nil }
        var place = 0
        while scanner.nextElement(in: span), let value = scanner.nextValue(in: span) {
            if place == index { return value.range }
            place += 1
        }
        return nil
    }
}
