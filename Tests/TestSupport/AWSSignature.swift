import Tapes

/// Checks a request's signature as AWS does (Signature Version 4, as its documentation describes it).
package enum AWSSignature {
    /// What is wrong with it; nil where all is right.
    ///
    /// - Parameters:
    ///   - secret: the secret access key that belongs to the access key.
    ///   - mustSign: headers that have to be among the signed ones.
    package static func problem(
        of request: ReceivedRequest,
        accessKey: String,
        secret: String,
        region: String,
        service: String = "bedrock",
        mustSign: [String] = ["host", "x-amz-date"]
    ) -> String? {
        guard request.values("authorization").count == 1, let header = request.value("authorization") else {
            return "there isn't exactly one authorization header"
        }
        let algorithm = "AWS4-HMAC-SHA256"
        guard header.hasPrefix(algorithm + " ") else { return "the algorithm isn't \(algorithm)" }
        var parts: [String: String] = [:]
        for part in header.dropFirst(algorithm.count + 1).split(separator: ",") {
            let pair = part.drop { $0 == " " }.split(separator: "=", maxSplits: 1)
            if pair.count == 2 { parts[String(pair[0])] = String(pair[1]) }
        }
        guard let date = request.value("x-amz-date"), date.utf8.count == 16 else { return "there is no x-amz-date" }
        let scope = "\(date.prefix(8))/\(region)/\(service)/aws4_request"
        guard parts["Credential"] == "\(accessKey)/\(scope)" else {
            return "the credential is \(parts["Credential"] ?? "missing"), not \(accessKey)/\(scope)"
        }
        let names = (parts["SignedHeaders"] ?? "").split(separator: ";").map(String.init)
        guard names == names.sorted(), Set(names).count == names.count else { return "the headers aren't sorted" }
        for name in mustSign where !names.contains(name) { return "\(name) isn't signed" }
        for field in request.fields where field.name.lowercased().hasPrefix("x-amz") {
            guard names.contains(field.name.lowercased()) else { return "\(field.name) isn't signed" }
        }
        guard names.allSatisfy({ !request.values($0).isEmpty }) else { return "a signed header isn't there" }
        let canonical = canonicalRequest(request, names)
        let text = [algorithm, date, scope, hex(digest(Array(canonical.utf8)))].joined(separator: "\n")
        var key = Array("AWS4\(secret)".utf8)
        for part in [String(date.prefix(8)), region, service, "aws4_request", text] {
            key = authenticationCode(key, Array(part.utf8))
        }
        return parts["Signature"] == hex(key) ? nil : "the signature isn't that of\n\(canonical)"
    }

    private static func canonicalRequest(_ request: ReceivedRequest, _ names: [String]) -> String {
        let target = request.target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let query = target.count > 1 ? target[1].split(separator: "&").map(canonicalItem).sorted() : []
        let headers = names.map { name in
            let values = request.values(name).map { $0.split(separator: " ").joined(separator: " ") }
            return "\(name):\(values.joined(separator: ","))\n"
        }
        return [
            request.method, encoded(String(target[0]), keeping: "/"), query.joined(separator: "&"), headers.joined(),
            names.joined(separator: ";"), hex(digest(request.body)),
        ].joined(separator: "\n")
    }

    private static func canonicalItem(_ item: Substring) -> String {
        let pair = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        return pair[0] + "=" + (pair.count > 1 ? pair[1] : "")
    }

    private static func encoded(_ text: String, keeping kept: Character) -> String {
        text.utf8.map { byte in
            let character = Character(Unicode.Scalar(byte))
            let isPlain = character == kept || character.isASCII && (character.isLetter || character.isNumber)
            if isPlain || "-._~".contains(character) { return String(character) }
            let digits = String(byte, radix: 16, uppercase: true)
            return "%" + (digits.count < 2 ? "0" + digits : digits)
        }.joined()
    }

    private static func digest(_ bytes: [UInt8]) -> [UInt8] { Hex.decode(SHA256.hex(of: bytes)) ?? [] }

    private static func hex(_ bytes: [UInt8]) -> String { Hex.encode(bytes) }

    /// HMAC (RFC 2104) with SHA-256, whose blocks are 64 bytes.
    private static func authenticationCode(_ key: [UInt8], _ message: [UInt8]) -> [UInt8] {
        let short = key.count > 64 ? digest(key) : key
        let block = short + [UInt8](repeating: 0, count: 64 - short.count)
        return digest(block.map { $0 ^ 0x5C } + digest(block.map { $0 ^ 0x36 } + message))
    }
}
