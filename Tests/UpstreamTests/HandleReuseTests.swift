import NIOCore
import TestSupport
import Testing
import Upstream

/// Handles and connections are used for one request after another: nothing of one may be in the next.
@Suite struct HandleReuseTests {
    enum Kind: CaseIterable {
        case get, post, emptyPost, withoutBody, head, chunked, sized, delete

        var request: (method: String, body: UpstreamRequest.Body, sent: [UInt8]) {
            switch self {
            case .get: ("GET", .none, [])
            case .post: ("POST", .bytes(Array("a body".utf8)), Array("a body".utf8))
            case .emptyPost: ("POST", .bytes([]), [])
            case .withoutBody: ("POST", .none, [])
            case .head: ("HEAD", .none, [])
            case .chunked: ("POST", .stream(length: nil), Array("part".utf8))
            case .sized: ("PUT", .stream(length: 4), Array("part".utf8))
            case .delete: ("DELETE", .bytes(Array("which".utf8)), Array("which".utf8))
            }
        }

        /// The framing that belongs to it, and no other.
        var framing: [String] {
            switch self {
            case .get, .withoutBody, .head: []
            case .post: ["content-length: 6"]
            case .emptyPost: ["content-length: 0"]
            case .chunked: ["transfer-encoding: chunked"]
            case .sized: ["content-length: 4"]
            case .delete: ["content-length: 5"]
            }
        }
    }

    @Test("Whatever follows a request is sent as if it were the first", arguments: Kind.allCases)
    func kinds(first: Kind) async throws {
        let upstream = try TestUpstream { request, connection in
            try connection.readBody()
            if request.method == "HEAD" {
                try connection.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n")
            } else {
                try connection.reply("{}")
            }
        }
        let kinds = Kind.allCases.flatMap { [first, $0] }
        try await withEngine { engine in
            for (index, kind) in kinds.enumerated() {
                let (method, body, sent) = kind.request
                let headers = [HeaderField("x-number", "\(index)")]
                let request = UpstreamRequest(method: method, url: upstream.url, headers: headers, body: body)
                let running = try await engine.run(request)
                if case .stream = body {
                    running.send(ByteBuffer(bytes: sent))
                    running.send(nil)
                }
                let heard = try await running.end()
                #expect(heard.failure == nil, "\(kind)")
                #expect(heard.text == (kind == .head ? "" : "{}"), "\(kind)")
            }
        }
        let received = upstream.log.current.requests
        #expect(received.map(\.method) == kinds.map(\.request.method))
        #expect(received.map(\.body) == kinds.map(\.request.sent))
        for (index, (request, kind)) in zip(received, kinds).enumerated() {
            #expect(request.fields.map(\.name).filter { $0.lowercased().hasPrefix("x-") } == ["x-number"])
            #expect(request.value("x-number") == "\(index)")
            let framing = ["content-length", "transfer-encoding"].flatMap { name in
                request.values(name).map { "\(name): \($0)" }
            }
            #expect(framing == kind.framing, "\(kind)")
        }
    }

    @Test("A connection that its upstream closes between two requests is replaced")
    func closedMeanwhile() async throws {
        let upstream = try TestUpstream { _, connection in
            try connection.reply("{}")
            connection.close()
        }
        try await withEngine { engine in
            for _ in 0..<20 {
                let heard = try await engine.run(.init(method: "GET", url: upstream.url)).end()
                #expect(heard.failure == nil)
            }
            #expect(upstream.log.current.connections == 20)
        }
    }
}
