import NIOCore
import TestSupport
import Testing
import Upstream

/// One transfer: the order of what its receiver hears.
@Suite struct TransferTests {
    @Test func aHeadThenChunksThenOneEnd() async throws {
        let gate = Gate()
        let upstream = try TestUpstream { _, connection in
            try connection.readBody()
            try connection.head("201 Made", "X-A: 1", "x-a: 2", "Transfer-Encoding: chunked")
            for index in 0..<5 {
                try gate.pass()
                try connection.chunk("piece \(index)")
            }
            try connection.endChunks()
        }
        try await withEngine { engine in
            let running = try await engine.run(.init(method: "GET", url: upstream.url + "/a?b=c"))
            for index in 0..<5 {
                gate.open()
                try await running.heard.wait(for: "piece \(index)") { $0.text.hasSuffix("piece \(index)") ? true : nil }
            }
            let heard = try await running.end()
            let pieces = (0..<5).map { Heard.Call.chunk(Array("piece \($0)".utf8)) }
            #expect(heard.essence == [.head(201)] + pieces + [.end(nil)])
            #expect(heard.calls.last == .end(nil) || heard.calls.last == .turnEnded)
            #expect(heard.offsets == heard.offsets.sorted())
            let head = try #require(heard.heads.first)
            #expect(head.reason == "Made")
            #expect(head.headers.prefix(2) == [.init("X-A", "1"), .init("x-a", "2")])
            #expect(upstream.log.current.requests.first?.target == "/a?b=c")
        }
    }

    @Test func aRequestIsSentAsItIsAndNothingIsAdded() async throws {
        let upstream = try TestUpstream { _, connection in
            try connection.readBody()
            try connection.reply("{}")
        }
        try await withEngine { engine in
            var request = UpstreamRequest(method: "PROPFIND", url: upstream.url + "/a/../b/./c?x=%20")
            request.headers = [.init("X-One", "1"), .init("x-empty", ""), .init(name: "X-Raw", bytes: [0xE9])]
            _ = try await engine.run(request).end()
            request.body = .bytes(Array("abc".utf8))
            _ = try await engine.run(request).end()
            request.body = .bytes([])
            _ = try await engine.run(request).end()
            let requests = upstream.log.current.requests
            #expect(requests.map(\.method) == ["PROPFIND", "PROPFIND", "PROPFIND"])
            #expect(requests.map(\.target) == Array(repeating: "/a/../b/./c?x=%20", count: 3))
            let own = ["Host", "X-One", "x-empty", "X-Raw"]
            #expect(requests[0].fields.map(\.name) == own)
            #expect(requests[1].fields.map(\.name) == own + ["Content-Length"])
            #expect(requests[1].body == Array("abc".utf8))
            #expect(requests[2].value("content-length") == "0")
            #expect(requests[0].value("x-empty") == "")
        }
    }

    @Test func redirectsAndCompressionAreTheCallersBusiness() async throws {
        let upstream = try TestUpstream { _, connection in
            try connection.head("302 Found", "Location: /elsewhere", "Content-Encoding: gzip", "Content-Length: 3")
            try connection.send([0x1F, 0x8B, 0])
        }
        try await withEngine { engine in
            let heard = try await engine.run(.init(method: "GET", url: upstream.url)).end()
            #expect(heard.heads.first?.status == 302)
            #expect(heard.body == [0x1F, 0x8B, 0])
            #expect(upstream.log.current.requests.count == 1)
        }
    }

    @Test func pausingStopsTheBytesAndResumingLosesNone() async throws {
        let first = Gate()
        let rest = Gate()
        let upstream = try TestUpstream { _, connection in
            try connection.head("200 OK", "Transfer-Encoding: chunked")
            try first.pass()
            for index in 0..<200 {
                try connection.chunk([UInt8](repeating: UInt8(index), count: 100_000))
                if index == 0 { try rest.pass() }
            }
            connection.mark("sent")
            try connection.endChunks()
        }
        try await withEngine { engine in
            var request = UpstreamRequest(method: "GET", url: upstream.url)
            // The clock rests while the transfer does.
            request.timeouts.idle = .seconds(2)
            let box = Watched<NIOLoopBound<UpstreamTransfer>?>(nil)
            let running = try await engine.run(request) { $0.onChunk = { box.current?.value.pause() } }
            box.update { $0 = running.transfer }
            first.open()
            try await running.heard.wait(for: "the first bytes") { $0.body.isEmpty ? nil : true }
            // Behind this, the pause has been obeyed: the engine does one after the other.
            try await engine.run(.init(method: "GET", url: "ftp://nothing")).end()
            rest.open()
            await #expect(throws: Late.self) {
                try await running.heard.wait(for: "more", within: .seconds(4)) { heard in
                    heard.isOver || heard.body.count > 1_000_000 ? true : nil
                }
            }
            #expect(upstream.log.current.marks["sent"] == nil)
            box.update { $0 = nil }
            running.pause()
            running.resume()
            running.resume()
            let heard = try await running.end()
            #expect(heard.failure == nil)
            // Compared outside of the macro, which would look for the difference for hours.
            let isWhole = heard.body == (0..<200).flatMap { [UInt8](repeating: UInt8($0), count: 100_000) }
            #expect(isWhole)
        }
    }

    @Test func aStreamedBodyGoesUpAsItComes() async throws {
        let upstream = try TestUpstream { _, connection in
            while let part = try connection.readBodyPart() { connection.mark(String(decoding: part, as: UTF8.self)) }
            try connection.reply("ok")
        }
        try await withEngine { engine in
            for length in [nil, 8] {
                let request = UpstreamRequest(method: "POST", url: upstream.url, body: .stream(length: length))
                let running = try await engine.run(request)
                for part in ["one", "two", "xx"] {
                    running.send(ByteBuffer(string: part))
                    let before = upstream.log.current.marks[part] ?? 0
                    let target = length == nil ? max(1, before) : max(2, before)
                    try await upstream.log.wait(for: part) { $0.marks[part] == target ? true : nil }
                }
                running.send(ByteBuffer())
                running.send(nil)
                let heard = try await running.end()
                #expect(heard.failure == nil)
                #expect(heard.consumed == 8)
            }
            let requests = upstream.log.current.requests
            #expect(requests[0].value("transfer-encoding") == "chunked")
            #expect(requests[1].value("content-length") == "8")
        }
    }

    @Test(
        "An error ends an upload that is not complete",
        arguments: ["Content-Length: 0", "Transfer-Encoding: chunked"]
    )
    func earlyAnswers(framing: String) async throws {
        let gate = Gate()
        let upstream = try TestUpstream { _, connection in
            try gate.pass()
            try connection.head("413 No", framing)
            if framing.hasPrefix("T") { try connection.endChunks() }
            try connection.hang()
        }
        try await withEngine { engine in
            let request = UpstreamRequest(method: "POST", url: upstream.url, body: .stream(length: nil))
            let running = try await engine.run(request)
            running.send(ByteBuffer(string: "some"))
            // What it has is gone, and it waits for more when the answer comes.
            try await running.heard.wait(for: "the upload to rest") { $0.consumed == 4 ? true : nil }
            gate.open()
            let heard = try await running.end()
            #expect(heard.heads.first?.status == 413)
            #expect(heard.failure == nil)
        }
    }
}
