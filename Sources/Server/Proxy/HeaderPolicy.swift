import NIOHTTP1
import Upstream

/// Which headers pass, in either direction: all but those that belong to one connection or to us.
enum HeaderPolicy {
    /// Of one connection (RFC 9110, section 7.6.1), or framing that each side makes anew.
    private static let hopByHop: Set<String> = [
        "connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade",
        "content-length", "proxy-authorization",
    ]

    /// What goes upstream.
    ///
    /// The answer is asked for uncompressed, so that it can be read on its way (`accept-encoding: identity`).
    static func upstream(_ headers: HTTPHeaders) -> [HeaderField] {
        let named = connectionNames(headers["connection"])
        var fields: [HeaderField] = []
        for (name, value) in headers {
            let lower = name.lowercased()
            if hopByHop.contains(lower) || named.contains(lower) || lower.hasPrefix("tokencast-") { continue }
            if lower == "host" || lower == "expect" || lower == "accept-encoding" { continue }
            fields.append(HeaderField(name, value))
        }
        fields.append(HeaderField("accept-encoding", "identity"))
        return fields
    }

    /// What comes back to the caller: in the upstream's order and letter case.
    static func caller(_ headers: [HeaderField]) -> [HeaderField] {
        let named = connectionNames(headers.filter { $0.isNamed("connection") }.map(\.value))
        return headers.filter { field in
            let lower = field.name.lowercased()
            return !hopByHop.contains(lower) && !named.contains(lower)
        }
    }

    private static func connectionNames(_ values: [String]) -> Set<String> {
        Set(values.flatMap { $0.split(separator: ",") }.map { $0.filter { !$0.isWhitespace }.lowercased() })
    }
}
