import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
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
let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
let sweep = Sweep(group.next(), every: .milliseconds(20))
let bootstrap = ServerBootstrap(group: group)
    .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
    .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
    .childChannelInitializer { [limits] channel in
        channel.eventLoop.makeCompletedFuture {
            let decoder = ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes))
            try channel.pipeline.syncOperations.addHandlers([decoder, EchoUpgrade(sweep, limits)])
        }
    }
do {
    let channel = try await bootstrap.bind(host: "127.0.0.1", port: port).get()
    print("listening on ws://127.0.0.1:\(channel.localAddress?.port ?? 0)")
    fflush(nil)
} catch {
    print("error: can't listen on port \(port): \(error)")
    exit(1)
}
// SIGTERM ends the program as it ends any.
while readLine() != nil {}
