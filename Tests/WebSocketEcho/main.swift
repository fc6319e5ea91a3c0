import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import Server

// An echo server, for conformance suites and for the tests: `WebSocketEcho [PORT]`. It ends when its standard input
// does, or on SIGTERM.

var limits = WebSocketConnection.Limits()
limits.message = 64 << 20
limits.unsent = 128 << 20

let port = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 0
let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
let sweep = Sweep(group.next(), every: .milliseconds(100))
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
