import Glibc

/// A port whose queue is full: a connection to it is neither taken nor refused.
package final class DeafPort: Sendable {
    package let port: Int
    private let descriptors: [CInt]

    package var url: String { "http://127.0.0.1:\(port)" }

    package init() throws {
        let (listener, port) = try Sockets.listen(backlog: 0)
        self.port = port
        var descriptors = [listener]
        for _ in 0..<4 { descriptors.append(Sockets.beginConnect(port: port)) }
        self.descriptors = descriptors
    }

    deinit { for descriptor in descriptors { close(descriptor) } }
}
