/// What a request becomes so that libcurl's signature of it is right.
///
/// AWS computes the signature from the path as it came, encoded once more: a model id's `%3A` is signed as `%253A`.
/// libcurl signs the path of the URL as it stands until 8.14, and encodes it itself from then on. So the URL's path is
/// given in the form that this library wants, and what travels apart from it.
struct SignedRequest {
    /// What libcurl signs, and where it connects to.
    var url: String
    /// What stands in the request's first line.
    var target: String
    /// The headers that are signed, each name once.
    var headers: [HeaderField] = []
    /// Sent, but not signed.
    var userAgent: HeaderField?
    var acceptEncoding: HeaderField?

    /// - Parameter version: libcurl's, as `curl_version_info` gives it.
    init(_ request: UpstreamRequest, _ signing: AWSSigning, version: UInt32) {
        let (origin, path, query) = Self.parts(of: request.url)
        let sent = Self.upperCased(path)
        let signed = version >= Self.encodesPath ? sent : Self.encoded(sent)
        let canonicalQuery = query.map { "?" + Self.canonical($0) } ?? ""
        url = origin + signed + canonicalQuery
        target = sent + canonicalQuery
        for field in request.headers { take(field) }
        if case .none = request.body {
        } else if !headers.contains(where: { $0.isNamed("content-type") }) {
            // Or libcurl would name one that isn't true.
            headers.append(HeaderField("content-type", "application/json"))
        }
        if let token = signing.sessionToken { headers.append(HeaderField("x-amz-security-token", token)) }
    }

    /// 8.14.0.
    private static let encodesPath: UInt32 = 0x080E00
    /// What a signature is made of, which is made anew.
    private static let ofSignatures = ["x-amz-date", "x-amz-security-token", "x-amz-content-sha256", "x-amz-signature"]

    private mutating func take(_ field: HeaderField) {
        let name = field.name.lowercased()
        guard !field.bytes.isEmpty, !Self.ofSignatures.contains(name) else { return }
        if name == "user-agent" {
            userAgent = field
        } else if name == "accept-encoding" {
            acceptEncoding = field
        } else if name == "content-type" || name == "accept" || name.hasPrefix("x-amz") {
            if let same = headers.firstIndex(where: { $0.isNamed(name) }) {
                // A name that is repeated is signed as one, in the order of its values.
                headers[same].bytes += Array(",".utf8) + field.bytes
            } else {
                headers.append(field)
            }
        }
    }

    private static func parts(of url: String) -> (origin: String, path: String, query: String?) {
        let authority = url.firstRange(of: "://").map { url[$0.upperBound...] } ?? url[...]
        let end = authority.firstIndex { $0 == "/" || $0 == "?" } ?? url.endIndex
        let pieces = url[end...].split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let path = pieces.first.map(String.init) ?? ""
        return (String(url[..<end]), path.isEmpty ? "/" : path, pieces.count > 1 ? String(pieces[1]) : nil)
    }

    /// Percent-encodes all but slashes and what needs it nowhere, percent signs too.
    private static func encoded(_ path: String) -> String {
        var text: [UInt8] = []
        for byte in path.utf8 {
            if byte == UInt8(ascii: "/") || byte.isUnreserved {
                text.append(byte)
            } else {
                text += [UInt8(ascii: "%"), digit(byte >> 4), digit(byte & 15)]
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Writes escapes in capitals, as AWS does before it signs, and encodes what no request line can hold.
    private static func upperCased(_ text: String) -> String {
        let bytes = Array(text.utf8)
        var output: [UInt8] = []
        var escaped = 0
        for (index, byte) in bytes.enumerated() {
            if escaped > 0 {
                escaped -= 1
                output.append(byte >= UInt8(ascii: "a") ? byte - 0x20 : byte)
                continue
            }
            if byte == UInt8(ascii: "%"), index + 2 < bytes.count, bytes[index + 1].isHex, bytes[index + 2].isHex {
                escaped = 2
            }
            if byte > 0x20, byte < 0x7F {
                output.append(byte)
            } else {
                output += [UInt8(ascii: "%"), digit(byte >> 4), digit(byte & 15)]
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// A query as AWS signs it: in the order of its bytes, every name with an equals sign.
    private static func canonical(_ query: String) -> String {
        query.split(separator: "&").map { item in
            let item = upperCased(String(item))
            return item.contains("=") ? item : item + "="
        }
        .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        .joined(separator: "&")
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + value - 10
    }
}

extension UInt8 {
    /// Whether a URL has it as itself everywhere (RFC 3986, section 2.3).
    fileprivate var isUnreserved: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            true
        default: false
        }
    }

    fileprivate var isHex: Bool {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"):
            true
        default: false
        }
    }
}
