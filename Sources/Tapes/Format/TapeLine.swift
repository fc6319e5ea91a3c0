import Dialects

/// One line of a tape, parsed; its elements are asked for with what they have to be.
struct TapeLine {
    let value: JSONValue

    init(_ bytes: Span<UInt8>, depth: Int) throws(LineError) {
        do {
            value = try JSONValue(parsing: bytes, options: JSONValue.Options(maximumDepth: depth))
        } catch {
            let code: TapeError.Code = error.reason == .tooDeep ? .tooLarge : .syntax
            throw LineError(code, "column \(error.column): \(error.reason.rawValue)")
        }
    }

    /// The kind of the line, nil for the header, which is an object.
    func kind() throws(LineError) -> String? {
        if value.members != nil { return nil }
        guard let kind = value[0]?.string else {
            throw LineError(.value, "a line is an array that starts with its kind, not \(value.typeName)")
        }
        return kind
    }

    func element(_ index: Int, _ what: String) throws(LineError) -> JSONValue {
        guard let element = value[index] else { throw LineError(.value, "\(what) is missing") }
        return element
    }

    func string(_ index: Int, _ what: String) throws(LineError) -> String {
        let element = try element(index, what)
        guard let text = element.string else { throw Self.wrong(what, "a string", element) }
        return text
    }

    func integer(_ index: Int, _ what: String) throws(LineError) -> Int64 {
        let element = try element(index, what)
        guard let text = element.numberText, let number = Int64(text) else {
            throw Self.wrong(what, "an integer", element)
        }
        return number
    }

    /// An object; empty where it is missing.
    func object(_ index: Int, _ what: String) throws(LineError) -> [JSONValue.Member] {
        guard let element = value[index] else { return [] }
        guard let members = element.members else { throw Self.wrong(what, "an object", element) }
        return members
    }

    /// Fields as an object: a value is a string, or an array of them where the name came more than once.
    func fields(_ index: Int, _ what: String) throws(LineError) -> [TapeField] {
        var fields: [TapeField] = []
        for member in try object(index, what) {
            for value in member.value.array ?? [member.value] {
                guard let text = value.string else { throw Self.wrong("\(what) \"\(member.name)\"", "a string", value) }
                fields.append(TapeField(member.name, text))
            }
        }
        return fields
    }

    /// Fields as an array of pairs, in their order.
    func pairs(_ index: Int, _ what: String) throws(LineError) -> [TapeField] {
        let element = try element(index, what)
        guard let pairs = element.array else { throw Self.wrong(what, "an array of pairs", element) }
        var fields: [TapeField] = []
        for pair in pairs {
            guard pair.array?.count == 2, let name = pair[0]?.string, let value = pair[1]?.string else {
                throw Self.wrong(what, "an array of pairs of strings", pair)
            }
            fields.append(TapeField(name, value))
        }
        return fields
    }

    func base64(_ index: Int, _ what: String) throws(LineError) -> [UInt8] {
        guard let bytes = Base64.decode(try string(index, what)) else {
            throw LineError(.value, "\(what) is not base64")
        }
        return bytes
    }

    static func wrong(_ what: String, _ wanted: String, _ found: JSONValue) -> LineError {
        LineError(.value, "\(what) must be \(wanted), not \(found.typeName)")
    }
}
