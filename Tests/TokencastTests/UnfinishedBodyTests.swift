import NIOCore
import TestSupport
import Testing

@testable import Server

/// A peer that begins a request's body and sends no more of it.
@Suite("An unfinished body")
struct UnfinishedBodyTests {
    @Test(
        "is not waited for without end, whoever waits for it",
        arguments: ["/streams", "/channels/a", "/v1/chat/completions", "/nowhere"]
    )
    func dropped(_ path: String) async throws {
        let upstream = try Script.chat(["a"])
        let change = { (configuration: inout ServerConfiguration) in configuration.keepAliveTimeout = .milliseconds(200)
        }
        try await withServer(eventLoops: 1, to: upstream, with: change) { server async throws in
            let connection = try RawConnection(port: server.port)
            var request = RawRequest.post(path, "{", [Field("Content-Length", "100")])
            if path == "/nowhere" { request.method = "PUT" }
            try await connection.send(request)
            #expect(try await connection.closed() != .open)
        }
    }
}
