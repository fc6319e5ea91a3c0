import EventLoops
import Glibc
import NIOCore
import NIOHTTP1
import Server
import WebSockets

// An echo server, for conformance suites and for the tests: `WebSocketEcho [PORT [PING ANSWER]]`, the latter two in
// seconds: how often it pings, and how long it waits for the answer, or for its peer to close. It ends when its standard
// input does, or on SIGTERM.

var limits = WebSocketConnection.Limits()
limits.message = 64 << 20
limits.unsent = 128 << 20
let words = CommandLine.arguments.dropFirst().map { Double($0) ?? 0 }
let port = words.first.flatMap { Int(exactly: $0) } ?? 0
if words.count > 2 {
    let nanoseconds = words.map { Int(min(max($0, 0), 3600) * 1e9) }
    limits.times = .init(interval: nanoseconds[1], answer: nanoseconds[2], close: nanoseconds[2])
}
do {
    let group = try EpollLoopGroup(count: 1)
    let loop = group.next()
    let address = try SocketAddress(ipAddress: "127.0.0.1", port: port)
    let socket = try await loop.submit { [limits] in
        let sweep = Sweep(loop, every: .milliseconds(20))
        let socket = try ListeningSocket(address, on: loop) { descriptor in
            let channel = SocketChannel(descriptor: descriptor, on: loop)
            let decoder = ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes))
            let upgrade = EchoUpgrade(channel, sweep, limits)
            if (try? channel.pipeline.syncOperations.addHandlers([decoder, upgrade])) == nil { return channel.close() }
            channel.activate()
        }
        socket.start()
        return socket
    }.get()
    print("listening on ws://127.0.0.1:\(socket.address.port ?? 0)")
    fflush(nil)
} catch {
    print("error: can't listen on port \(port): \(error)")
    exit(1)
}
// SIGTERM ends the program as it ends any.
while readLine() != nil {}
