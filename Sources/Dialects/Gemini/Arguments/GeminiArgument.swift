/// One of `partialArgs`: a value, or a piece of a string, and where in the arguments it belongs.
struct GeminiArgument {
    let path: GeminiArgumentPath
    private let value: JSONSlice
    private let isNull: Bool

    /// Nil where there is no value, or nothing that leads to it.
    init?(_ piece: JSONSlice, _ data: RawSpan) {
        var scanner = JSONScanner(data, piece)
        guard scanner.enterObject(in: data) else { return nil }
        var path: GeminiArgumentPath?
        var value = JSONSlice.absent
        var isNull = false
        while let key = scanner.nextKey(in: data), let member = scanner.nextValue(in: data) {
            if key.equals("jsonPath", in: data) {
                path = member.string(in: data).flatMap(GeminiArgumentPath.init)
            } else if key.equals("stringValue", in: data) {
                if member.isString { value = member }
            } else if key.equals("numberValue", in: data) {
                if member.kind == .number { value = member }
            } else if key.equals("boolValue", in: data) {
                if member.kind == .bool { value = member }
            } else if key.equals("nullValue", in: data) {
                // The name of the only value there is (`NULL_VALUE`), its number, or null itself.
                isNull = !(member.kind == .bool && !member.isTrue(in: data))
            }
        }
        guard let path, isNull || value.isPresent else { return nil }
        self.path = path
        self.value = value
        self.isNull = isNull && !value.isPresent
    }

    var isString: Bool { value.isString }

    /// Appends the value; a string without its quotes, since more of it may follow.
    func write(_ data: RawSpan, _ text: inout [UInt8]) {
        if isNull {
            text.append(verbatim: "null")
        } else if isString {
            // As it is escaped already: half a character at its end then meets its other half.
            text.append(data, value.range.lowerBound + 1..<value.range.upperBound - 1)
        } else {
            text.append(data, value.range)
        }
    }
}
