import CLinux
import Glibc
package import NIOCore

/// A listening TCP socket: takes connections on one loop and hands each to the loop whose turn it is.
///
/// `@unchecked Sendable`: confined to its loop.
package final class ListeningSocket: Watcher, @unchecked Sendable {
    private let loop: EpollLoop
    private var descriptor: CInt
    private let accepted: (CInt) -> Void
    private var pause: LoopTimer?
    package let address: SocketAddress

    /// Binds and listens; connections come once ``start()`` is called.
    ///
    /// - Parameters:
    ///   - address: where to listen; port 0 takes any that is free.
    ///   - accepted: takes over a connection's descriptor, which is non-blocking and has `TCP_NODELAY`. Called on `loop`.
    /// - Throws: where the system refuses.
    package init(
        _ address: SocketAddress,
        on loop: EpollLoop,
        accepted: @escaping (CInt) -> Void
    ) throws(LoopFailure) {
        self.loop = loop
        self.accepted = accepted
        let family: CInt
        switch address {
        case .v4: family = AF_INET
        case .v6: family = AF_INET6
        case .unixDomainSocket: throw LoopFailure(call: "socket", code: EAFNOSUPPORT)
        }
        let flags = CInt(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(family, flags, 0)
        guard descriptor >= 0 else { throw LoopFailure(call: "socket", code: errno) }
        var failure: LoopFailure?
        var bound: SocketAddress?
        Self.set(descriptor, SOL_SOCKET, SO_REUSEADDR)
        if address.withSockAddr({ bind(descriptor, $0, socklen_t($1)) }) != 0 {
            failure = LoopFailure(call: "bind", code: errno)
        } else if listen(descriptor, 4096) != 0 {
            failure = LoopFailure(call: "listen", code: errno)
        } else {
            bound = Self.boundAddress(descriptor, like: address)
            if bound == nil { failure = LoopFailure(call: "getsockname", code: errno) }
        }
        self.descriptor = descriptor
        self.address = bound ?? address
        if let failure {
            Glibc.close(descriptor)
            throw failure
        }
    }

    package func start() { loop.watch(descriptor, .read, by: self) }

    package func close() {
        guard descriptor >= 0 else { return }
        pause?.cancel()
        loop.unwatch(descriptor)
        Glibc.close(descriptor)
        descriptor = -1
    }

    package func loopStops() { close() }

    package func ready(_ descriptor: CInt, _ events: Readiness) {
        // As many as are waiting, but not without end: others are waiting too.
        for _ in 0..<256 where self.descriptor >= 0 {
            let flags = CInt(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
            let connection = tokencast_accept(descriptor, flags)
            guard connection >= 0 else {
                switch errno {
                case EAGAIN, EWOULDBLOCK: return
                // That one is gone already.
                case EINTR, ECONNABORTED, EPROTO: continue
                default: return rest()
                }
            }
            Self.set(connection, CInt(IPPROTO_TCP), TCP_NODELAY)
            accepted(connection)
        }
    }

    /// There are no descriptors left: connections wait in the system's queue until some may have been closed.
    private func rest() {
        loop.rewatch(descriptor, [])
        pause = loop.after(.milliseconds(50)) { [weak self] in
            guard let self, descriptor >= 0 else { return }
            loop.rewatch(descriptor, .read)
        }
    }

    private static func set(_ descriptor: CInt, _ level: CInt, _ option: CInt) {
        var value: CInt = 1
        setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<CInt>.size))
    }

    private static func boundAddress(_ descriptor: CInt, like address: SocketAddress) -> SocketAddress? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let code = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        guard code == 0 else { return nil }
        // The port stands at the same place in both families' addresses.
        let port = withUnsafeBytes(of: storage) { Int($0[2]) << 8 | Int($0[3]) }
        var bound = address
        bound.port = port
        return bound
    }
}
