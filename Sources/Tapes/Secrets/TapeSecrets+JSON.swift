import Dialects

extension Tape {
    /// The request as live ones are compared with it: one that was recorded under other rules is masked by today's.
    var comparableRequest: TapeRequest {
        header.redact.hasSameBytes(as: TapeSecrets.version) ? request : request.masked
    }
}

extension TapeRequest {
    fileprivate var masked: TapeRequest {
        let secrets = TapeSecrets.none
        var request = self
        request.path = secrets.masking(path)
        request.query = query.map { TapeField($0.name, secrets.masking($0.value)) }
        switch body {
        case .none: break
        case .json(let value): request.body = .json(secrets.masking(value))
        case .raw(let type, let bytes):
            request.body = .raw(
                contentType: type,
                bytes: SecretScrubber.masking(bytes, secrets, contentType: type)
            )
        }
        return request
    }
}

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
