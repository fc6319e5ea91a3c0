import NIOHTTP1
import Upstream

/// Which headers pass, in either direction: all but those that belong to one connection or to us.
enum HeaderPolicy {
    /// Of one connection (RFC 9110, section 7.6.1), or framing that each side makes anew.
    private static let hopByHop = HeaderNames([
        "connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade",
        "content-length", "proxy-authorization",
    ])
    /// What each request gets anew.
    private static let replaced = HeaderNames(["host", "expect", "accept-encoding"])

    /// What goes upstream.
    ///
    /// The answer is asked for uncompressed, so that it can be read on its way (`accept-encoding: identity`).
    static func upstream(_ headers: HTTPHeaders) -> [HeaderField] {
        let named = connectionNames(headers.contains(name: "connection") ? headers["connection"] : [])
        var fields: [HeaderField] = []
        fields.reserveCapacity(headers.count + 1)
        for (name, value) in headers {
            if hopByHop.contain(name) || replaced.contain(name) || named.contain(name) { continue }
            if name.hasHeaderPrefix("tokencast-") { continue }
            fields.append(HeaderField(name, value))
        }
        fields.append(HeaderField("accept-encoding", "identity"))
        return fields
    }

    /// What comes back to the caller: in the upstream's order and letter case.
    static func caller(_ headers: [HeaderField]) -> [HeaderField] {
        let named = connectionNames(headers.lazy.filter { $0.isNamed("connection") }.map(\.value))
        return headers.filter { !hopByHop.contain($0.name) && !named.contain($0.name) }
    }

    private static func connectionNames(_ values: some Sequence<String>) -> HeaderNames {
        HeaderNames(values.flatMap { $0.split(separator: ",") }.map { $0.filter { !$0.isWhitespace } })
    }
}

/// Names of headers; whether a name is among them is mostly told by its length.
private struct HeaderNames {
    private let names: [String]
    private var lengths: UInt64 = 0

    init(_ names: [String]) {
        self.names = names
        for name in names { lengths |= 1 << UInt64(min(name.utf8.count, 63)) }
    }

    func contain(_ name: String) -> Bool {
        guard lengths & 1 << UInt64(min(name.utf8.count, 63)) != 0 else { return false }
        return names.contains { name.isHeader($0) }
    }
}
