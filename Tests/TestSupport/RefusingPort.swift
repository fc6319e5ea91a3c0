import Glibc

/// A port that refuses connections for as long as this is held.
///
/// It is bound and doesn't listen: a port that was given back could be anybody's by the time a test connects to it, the
/// server's under test included.
package final class RefusingPort: Sendable {
    package let port: Int
    private let descriptor: CInt

    package var url: String { "http://127.0.0.1:\(port)" }

    package init() throws { (descriptor, port) = try Sockets.bind() }

    deinit { close(descriptor) }
}
