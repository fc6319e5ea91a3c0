import Glibc

/// Where others reach the server.
struct PublicAddress: Sendable {
    /// Without a slash at its end.
    let url: String

    /// - Parameter port: the one that is listened on.
    init(_ configuration: ServerConfiguration, port: Int) {
        if let url = configuration.publicURL {
            self.url = url
            return
        }
        let isEveryAddress = ["0.0.0.0", "::", "[::]"].contains(configuration.host)
        let host = isEveryAddress ? Self.machineName : configuration.host
        url = "http://\(host.contains(":") && !host.hasPrefix("[") ? "[\(host)]" : host):\(port)"
    }

    private static var machineName: String {
        var name = [CChar](repeating: 0, count: 256)
        // The last byte stays 0, whatever is written before it.
        guard gethostname(&name, name.count - 1) == 0, name[0] != 0 else { return "localhost" }
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
