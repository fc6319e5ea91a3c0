import TestSupport
import Testing

@testable import Tapes

/// Request bodies on their way up.
@Suite struct UploadTests {
    @Test func aChunkedBodyStreamsUpWhileItComes() async throws {
        let upstream = try TestUpstream { _, connection in
            for index in 0..<3 {
                guard let part = try connection.readBodyPart() else { break }
                connection.mark("part \(index) \(String(decoding: part, as: UTF8.self))")
            }
            try connection.readBody()
            try connection.reply("done", type: "text/plain")
        }
        try await withServer(to: upstream) { server async throws in
            let connection = try RawConnection(port: server.port)
            let fields = [Field("Content-Type", "audio/wav"), Field("Transfer-Encoding", "chunked")]
            try await connection.send(RawRequest("POST", "/v1/audio/transcriptions", fields))
            for index in 0..<3 {
                try await connection.send(Array("5\r\npart\(index)\r\n".utf8))
                // The next part isn't sent before the upstream has this one: nothing gathers the body.
                let mark = "part \(index) part\(index)"
                try await upstream.log.wait(for: mark) { $0.marks[mark] }
            }
            try await connection.send(Array("0\r\n\r\n".utf8))
            #expect(try await connection.response().text == "done")
            let received = try #require(upstream.log.current.requests.first)
            #expect(received.value("transfer-encoding") == "chunked")
            #expect(received.value("content-type") == "audio/wav")
            #expect(received.values("content-length").isEmpty)
        }
    }

    @Test func aChunkedJSONBodyGoesUpWhole() async throws {
        let upstream = try RequestTests.echo()
        try await withServer(to: upstream) { server async throws in
            let connection = try RawConnection(port: server.port)
            let fields = [Field("Content-Type", "application/json"), Field("Transfer-Encoding", "chunked")]
            try await connection.send(RawRequest("POST", Chat.path, fields))
            let body = Array(Chat.body().utf8)
            for byte in body { try await connection.send(Array("1;x=y\r\n".utf8) + [byte] + [13, 10]) }
            try await connection.send(Array("0\r\nX-Trailer: 1\r\n\r\n".utf8))
            #expect(try await connection.response().text == "ok")
            #expect(upstream.log.current.requests.first?.body == body)
        }
    }

    @Test func aFormOfFiveMegabytesGoesUpWithItsLength() async throws {
        let upstream = try RequestTests.echo()
        let boundary = "X-BOUNDARY"
        var body = Array("--\(boundary)\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n".utf8)
        body += (0..<5 << 20).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
        body += Array("\r\n--\(boundary)--\r\n".utf8)
        try await withServer(to: upstream) { server async throws in
            let type = "multipart/form-data; boundary=\(boundary)"
            let fields = [Field("Content-Type", type), Field("Authorization", "Bearer sk-real")]
            let request = RawRequest("POST", "/v1/files", fields, body: body)
            #expect(try await fetch(request, port: server.port).text == "ok")
            let received = try #require(upstream.log.current.requests.first)
            #expect(received.value("content-length") == "\(body.count)")
            #expect(received.value("content-type") == type)
            #expect(SHA256.hex(of: received.body) == SHA256.hex(of: body))
        }
    }

    @Test func anUploadWaitsWhereTheUpstreamDoesNotRead() async throws {
        let gate = Gate()
        let upstream = try TestUpstream { _, connection in
            try gate.pass()
            try connection.readBody()
            try connection.reply("ok", type: "text/plain")
        }
        try await withServer(to: upstream) { server async throws in
            let connection = try RawConnection(port: server.port)
            let fields = [Field("Content-Type", "audio/wav")]
            let body = [UInt8](repeating: 7, count: 32 << 20)
            let sent = Watched(false)
            let upload = Task {
                try await connection.send(RawRequest("POST", "/v1/files", fields, body: body))
                sent.update { $0 = true }
            }
            try await upstream.log.wait(for: "the request") { $0.requests.first }
            // All of it would fit into memory; what stops it is that nobody takes it.
            await #expect(throws: Late.self) {
                try await sent.wait(for: "the upload", within: .milliseconds(500)) { $0 ? true : nil }
            }
            gate.open()
            try await upload.value
            #expect(try await connection.response().text == "ok")
            #expect(upstream.log.current.requests.first?.body.count == body.count)
        }
    }

    @Test func anAnswerBeforeTheUploadsEndEndsTheRequest() async throws {
        let upstream = try TestUpstream { _, connection in
            try connection.head("413 Too Large", "Content-Length: 3", "Connection: close")
            try connection.send("big")
            try connection.hang()
        }
        try await withServer(to: upstream) { server async throws in
            let connection = try RawConnection(port: server.port)
            let body = [UInt8](repeating: 7, count: 32 << 20)
            async let upload: Void = connection.send(
                RawRequest("POST", "/v1/files", [Field("Content-Type", "audio/wav")], body: body)
            )
            let response = try await connection.response()
            #expect(response.status == 413)
            #expect(response.text == "big")
            // The rest of the body is taken and dropped, or refused; in no case does the caller hang.
            _ = try? await upload
        }
    }

    @Test func aCallerThatLeavesWithinItsUploadTakesTheUpstreamAlong() async throws {
        let upstream = try TestUpstream { _, connection in
            try connection.readBody()
            try connection.reply("ok")
        }
        try await withServer(to: upstream) { server async throws in
            let connection = try RawConnection(port: server.port)
            let fields = [Field("Content-Type", "audio/wav"), Field("Content-Length", "1000")]
            try await connection.send(RawRequest("POST", "/v1/files", fields, body: [1, 2, 3]))
            try await upstream.log.wait(for: "the request") { $0.requests.first }
            connection.close()
            try await upstream.log.wait(for: "the upstream's end") { $0.aborts.first }
        }
    }
}
