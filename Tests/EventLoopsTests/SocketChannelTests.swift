import EventLoops
import Glibc
import NIOCore
import Synchronization
import TestSupport
import Testing

/// Accepted connections over real sockets.
@Suite struct SocketChannelTests {
    /// What a connection's handler does and has seen.
    final class Peer: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        let channel: SocketChannel
        let seen: Watched<Seen>
        let onBytes: (SocketChannel, ByteBuffer) -> Void

        init(_ channel: SocketChannel, _ seen: Watched<Seen>, _ onBytes: @escaping (SocketChannel, ByteBuffer) -> Void)
        {
            self.channel = channel
            self.seen = seen
            self.onBytes = onBytes
        }

        func channelActive(context: ChannelHandlerContext) { seen.update { $0.isActive = true } }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let bytes = unwrapInboundIn(data)
            seen.update { $0.bytes += bytes.readableBytes }
            onBytes(channel, bytes)
        }

        func channelWritabilityChanged(context: ChannelHandlerContext) {
            let isWritable = channel.isWritable
            seen.update { $0.writability.append(isWritable) }
        }

        func channelInactive(context: ChannelHandlerContext) { seen.update { $0.isInactive = true } }
    }

    typealias Work = @Sendable (SocketChannel, ByteBuffer) -> Void

    struct Seen: Sendable {
        var isActive = false
        var bytes = 0
        var writability: [Bool] = []
        var isInactive = false
    }

    @Test("What comes goes back, and the peer's end is the connection's")
    func echo() async throws {
        let work: Work = { $0.send($1) }
        try await withServer(work) { port, seen in
            let client = try RawConnection(port: port)
            try await client.send(Array("one".utf8))
            try await client.send(Array("two".utf8))
            try await seen.wait(for: "the bytes") { $0.bytes == 6 ? true : nil }
            client.close()
            try await seen.wait(for: "the end") { $0.isInactive ? true : nil }
            #expect(seen.current.isActive)
        }
    }

    @Test("What a slow peer doesn't take waits, in order and whole, and the handler is told when to stop and go on")
    func backpressure() async throws {
        let size = 8 << 20
        let work: Work = { channel, _ in
            for part in 0..<(size >> 16) {
                channel.send(ByteBuffer(repeating: UInt8(part & 0xFF), count: 1 << 16))
            }
        }
        try await withServer(work) { port, seen in
            let socket = try connect(port, receiveBuffer: 32 << 10)
            defer { close(socket) }
            #expect(send(socket, "go", 2, 0) == 2)
            try await seen.wait(for: "the socket to be full") { $0.writability == [false] ? true : nil }
            let total = Watched((count: 0, isInOrder: true, isOver: false))
            detachThread {
                var buffer = [UInt8](repeating: 0, count: 1 << 16)
                var count = 0
                while count < size {
                    let got = recv(socket, &buffer, buffer.count, 0)
                    guard got > 0 else { break }
                    let isInOrder = (0..<got).allSatisfy { buffer[$0] == UInt8((count + $0) >> 16 & 0xFF) }
                    count += got
                    total.update { $0 = (count, $0.isInOrder && isInOrder, false) }
                }
                total.update { $0.isOver = true }
            }
            let end = try await total.wait(for: "the end") { $0.isOver ? $0 : nil }
            #expect(end.count == size && end.isInOrder)
            try await seen.wait(for: "it to be writable") { $0.writability == [false, true] ? true : nil }
        }
    }

    @Test("A side that is closed behind its bytes lets the peer go on")
    func closingOutput() async throws {
        let work: Work = { channel, bytes in
            guard bytes.readableBytes == 2 else { return }
            channel.send(ByteBuffer(string: "bye"))
            channel.closeOutput()
        }
        try await withServer(work) { port, seen in
            let socket = try connect(port)
            defer { close(socket) }
            #expect(send(socket, "go", 2, 0) == 2)
            var buffer = [UInt8](repeating: 0, count: 16)
            var got: [UInt8] = []
            while true {
                let count = recv(socket, &buffer, buffer.count, 0)
                guard count > 0 else { break }
                got += buffer[..<count]
            }
            #expect(got == Array("bye".utf8))
            #expect(send(socket, "still here", 10, 0) == 10)
            try await seen.wait(for: "what came behind") { $0.bytes == 12 ? true : nil }
            #expect(!seen.current.isInactive)
        }
    }

    @Test("Who waits for a write to go out, or to fail, may write and close at once")
    func promises() async throws {
        let told = Watched(0)
        let work: Work = { channel, _ in
            channel.writeAndFlush(ByteBuffer(string: "one")).assumeIsolated().whenSuccess {
                channel.send(ByteBuffer(string: "two"))
                channel.write(ByteBuffer(string: "never")).assumeIsolated().whenFailure { _ in
                    _ = channel.unacknowledgedBytes
                    channel.send(ByteBuffer(string: "never"))
                    told.update { $0 += 1 }
                }
                channel.close()
                told.update { $0 += 1 }
            }
        }
        try await withPeerOfClosed(work) { socket in
            var buffer = [UInt8](repeating: 0, count: 16)
            #expect(recv(socket, &buffer, 16, CInt(MSG_WAITALL)) == 6)
            #expect(buffer.starts(with: "onetwo".utf8))
            try await told.wait(for: "both callbacks") { $0 == 2 ? true : nil }
        }
    }

    @Test("A reset tells the peer that it hasn't everything")
    func resetting() async throws {
        let work: Work = { channel, _ in
            channel.send(ByteBuffer(string: "half"))
            channel.resetsOnClose()
            channel.close()
            // Nothing happens any more, and nothing traps.
            channel.send(ByteBuffer(string: "more"))
            channel.closeOutput()
            channel.close()
        }
        try await withPeerOfClosed(work) { socket in
            var buffer = [UInt8](repeating: 0, count: 16)
            var count = 0
            repeat { count = recv(socket, &buffer, buffer.count, 0) } while count > 0
            #expect(count < 0 && errno == ECONNRESET)
        }
    }

    @Test("A peer that goes while nobody reads from it is noticed all the same")
    func leaving() async throws {
        try await withServer(isReading: false) { port, seen in
            let client = try RawConnection(port: port)
            try await seen.wait(for: "the connection") { $0.isActive ? true : nil }
            client.close()
            try await seen.wait(for: "the end") { $0.isInactive ? true : nil }
        }
    }

    @Test("A port that is taken, and an address that isn't this machine's, are errors")
    func refusals() async throws {
        try await withServer { port, _ in
            try await withLoop { loop in
                for (host, port) in [("127.0.0.1", port), ("192.0.2.1", 0)] {
                    let address = try SocketAddress(ipAddress: host, port: port)
                    await #expect(throws: LoopFailure.self) {
                        try await loop.submit { _ = try ListeningSocket(address, on: loop) { close($0) } }.get()
                    }
                }
            }
        }
    }

    // MARK: Support

    /// Runs `body` with a server that does `work` with what comes.
    private func withServer(
        _ work: @escaping Work = { _, _ in },
        isReading: Bool = true,
        _ body: (Int, Watched<Seen>) async throws -> Void
    ) async throws {
        try await withLoop { loop in
            let seen = Watched(Seen())
            let address = try SocketAddress(ipAddress: "127.0.0.1", port: 0)
            let socket = try await loop.submit {
                let socket = try ListeningSocket(address, on: loop) { descriptor in
                    let channel = SocketChannel(descriptor: descriptor, on: loop)
                    let handlers: [any ChannelHandler] = isReading ? [] : [Deaf()]
                    try? channel.pipeline.syncOperations.addHandlers(handlers + [Peer(channel, seen, work)])
                    channel.activate()
                }
                socket.start()
                return socket
            }.get()
            try await body(socket.address.port ?? 0, seen)
        }
    }

    /// Runs `body` with a peer that asked a server for `work`, which closes its side; by then it has.
    private func withPeerOfClosed(_ work: @escaping Work, _ body: (CInt) async throws -> Void) async throws {
        try await withServer(work) { port, seen in
            let socket = try connect(port)
            defer { close(socket) }
            #expect(send(socket, "go", 2, 0) == 2)
            try await seen.wait(for: "the close") { $0.isInactive ? true : nil }
            try await body(socket)
        }
    }

    /// Asks for no bytes.
    private final class Deaf: ChannelOutboundHandler {
        typealias OutboundIn = ByteBuffer
        func read(context: ChannelHandlerContext) {}
    }

    private func connect(_ port: Int, receiveBuffer: CInt? = nil) throws -> CInt {
        let socket = Glibc.socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        if var size = receiveBuffer {
            setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<CInt>.size))
        }
        let address = try SocketAddress(ipAddress: "127.0.0.1", port: port)
        let code = address.withSockAddr { Glibc.connect(socket, $0, socklen_t($1)) }
        try #require(code == 0)
        return socket
    }
}
