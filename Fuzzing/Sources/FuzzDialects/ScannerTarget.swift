import Dialects

/// The scanner is of one mind with the package's other reader of JSON, and asks for nothing outside of its bytes.
func scan(_ input: [UInt8]) {
    let bytes = input.span.bytes
    var scanner = JSONScanner(bytes)
    let value = scanner.nextValue(in: bytes)
    let isWhole = value != nil && scanner.isAtEnd(in: bytes)
    require(scanner.index <= scanner.end && scanner.end == input.count, "the scanner has left its bytes")
    if let value { ask(value, bytes, of: input) }

    // The scanner takes what isn't UTF-8 for U+FFFD.
    let options = JSONValue.Options(duplicateMembers: .keep, loneSurrogates: .replace)
    let text = Array(String(decoding: input, as: UTF8.self).utf8)
    do throws(JSONValue.SyntaxError) {
        let tree = try JSONValue(parsing: text, options: options)
        require(isWhole, "JSON is refused")
        var walker = JSONScanner(bytes)
        require(walked(&walker, bytes) == tree && walker.isAtEnd(in: bytes), "JSON is read wrongly")
        let again = try JSONValue(parsing: tree.jsonBytes, options: options)
        require(again == tree, "JSON is written wrongly")
    } catch {
        require(!isWhole, "what isn't JSON is taken: \(error)")
        // Stepping in, as the dialects do, is without a limit of depth.
        var walker = JSONScanner(bytes)
        _ = walked(&walker, bytes)
        require(error.reason == .tooDeep || !walker.isAtEnd(in: bytes), "what isn't JSON is walked through")
    }
}

/// Reads a value by stepping into all that can be stepped into; nil where it is malformed.
private func walked(_ scanner: inout JSONScanner, _ bytes: RawSpan, depth: Int = 0) -> JSONValue? {
    guard depth < 200 else { return nil }
    if scanner.enterObject(in: bytes) {
        var members: [(String, JSONValue)] = []
        while let key = scanner.nextKey(in: bytes) {
            guard let name = key.string(in: bytes), let value = walked(&scanner, bytes, depth: depth + 1) else {
                return nil
            }
            members.append((name, value))
        }
        return .object(members)
    }
    if scanner.enterArray(in: bytes) {
        var elements: [JSONValue] = []
        while scanner.nextElement(in: bytes) {
            guard let value = walked(&scanner, bytes, depth: depth + 1) else { return nil }
            elements.append(value)
        }
        return .array(elements)
    }
    guard let value = scanner.nextValue(in: bytes) else { return nil }
    switch value.kind {
    case .null: return .null
    case .bool: return .bool(value.raw(in: bytes) == "true")
    case .number: return JSONValue(.number(value.raw(in: bytes)))
    case .string, .escapedString: return value.string(in: bytes).map { .string($0) }
    case .absent, .object, .array: broken("a value that isn't, or could have been stepped into")
    }
}

/// Asks a value everything, of its own bytes and of others.
private func ask(_ value: JSONSlice, _ bytes: RawSpan, of input: [UInt8]) {
    require(value.range.upperBound <= bytes.byteCount, "a value outside of the bytes")
    for array in [input, input.dropLast(), Array(input.dropFirst())] {
        let other = array.span.bytes
        _ = value.string(in: other)
        _ = value.nonEmptyString(in: other)
        _ = value.integer(in: other)
        _ = value.equals("a", in: other)
        _ = value.raw(in: other)
        let member = value.member("a", in: other)
        require(member.range.upperBound <= other.byteCount, "a member outside of the bytes")
        _ = member.string(in: other)
        _ = member.integer(in: other)
    }
    if let number = value.integer(in: bytes), !value.raw(in: bytes).contains(".") {
        require(Int(value.raw(in: bytes)) == number, "a number is read wrongly")
    }
}
