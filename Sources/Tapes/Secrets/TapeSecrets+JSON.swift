import Dialects

extension TapeSecrets {
    /// Masks the strings of a JSON value, the names of its members with them.
    func masking(_ value: JSONValue) -> JSONValue {
        let kind: JSONValue.Kind =
            switch value.kind {
            case .null, .bool, .number: value.kind
            case .string(let text): .string(masking(text))
            case .array(let elements): .array(elements.map { masking($0) })
            case .object(let members): .object(masking(members))
            }
        return JSONValue(kind, line: value.line)
    }

    /// Two names of one length may become the same mask; the first stays, since a tape has no name twice.
    private func masking(_ members: [JSONValue.Member]) -> [JSONValue.Member] {
        let masked = members.map { JSONValue.Member(masking($0.name), masking($0.value), line: $0.line) }
        guard !zip(members, masked).allSatisfy({ $0.name.hasSameBytes(as: $1.name) }) else { return masked }
        var seen: Set<[UInt8]> = []
        return masked.filter { seen.insert(Array($0.name.utf8)).inserted }
    }
}
