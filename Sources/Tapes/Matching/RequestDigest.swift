import Dialects

/// A request's body without its content: digests in place of what was sent.
///
/// `model` and `stream` stay readable. Every other member is the digest of its value in canonical form; of an array that
/// isn't empty, each element is one, so that a difference can still be pointed at.
enum RequestDigest {
    private static let prefix = "sha256:"
    private static let digits = 64

    /// Whether a member is kept as it is.
    static func isClear(_ name: String) -> Bool { name.hasSameBytes(as: "model") || name.hasSameBytes(as: "stream") }

    /// The digest of a value in canonical form.
    static func of(_ value: JSONValue) -> String { prefix + SHA256.hex(of: value.jsonBytes) }

    static func of(_ bytes: [UInt8]) -> String { prefix + SHA256.hex(of: bytes) }

    /// Whether a text is written as a digest is.
    static func isDigest(_ text: String) -> Bool {
        text.utf8.starts(with: prefix.utf8) && text.utf8.count == prefix.utf8.count + digits
            && Hex.decode(String(text.dropFirst(prefix.count))) != nil
    }

    /// The digits of a digest.
    static func hex(_ digest: String) -> String { String(digest.dropFirst(prefix.count)) }

    /// A canonical body with digests in place of its values.
    ///
    /// - Parameter isHashed: whether they are digests already, but for an array that rules have emptied.
    static func body(_ body: JSONValue, isHashed: Bool) -> JSONValue {
        guard let members = body.members else { return body }
        return JSONValue(
            .object(
                members.map { member in
                    JSONValue.Member(member.name, isClear(member.name) ? member.value : value(member.value, isHashed))
                }
            )
        )
    }

    private static func value(_ value: JSONValue, _ isHashed: Bool) -> JSONValue {
        guard let elements = value.array, !elements.isEmpty else {
            return isHashed && value.string != nil ? value : .string(of(value))
        }
        return isHashed ? value : .array(elements.map { .string(of($0)) })
    }
}

extension TapeRequest {
    /// This request with digests in place of its body, as it is stored where bodies must not be.
    public var hashed: TapeRequest {
        guard !isHashed else { return self }
        var request = self
        request.isHashed = true
        switch body {
        case .none: request.isHashed = false
        case .raw(let type, let bytes):
            request.body = .raw(contentType: type, bytes: Array(RequestDigest.of(bytes).utf8))
        case .json(let value):
            var members: [JSONValue.Member] = []
            for member in value.members ?? [] {
                if RequestDigest.isClear(member.name) {
                    members.append(member)
                } else if let canonical = CanonicalRequest.canonical(member) {
                    members += RequestDigest.body(canonical, isHashed: false).members ?? []
                }
            }
            request.body = .json(JSONValue(.object(members)))
            request.isHashed = !members.isEmpty
        }
        return request
    }
}
