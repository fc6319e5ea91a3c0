import EventLoops
import NIOCore
import TestSupport
import Testing
import Upstream

/// The engine: many transfers, and their ends.
@Suite struct EngineTests {
    @Test func hundredsOfTransfersRunAtOnce() async throws {
        let gate = Gate()
        let upstream = try TestUpstream { request, connection in
            try connection.head("200 OK", "Transfer-Encoding: chunked")
            try gate.pass()
            for index in 0..<20 { try connection.chunk("\(request.target) \(index)\n") }
            try connection.endChunks()
        }
        try await withEngine { engine in
            var running: [Running] = []
            for index in 0..<300 {
                running.append(try await engine.run(.init(method: "GET", url: "\(upstream.url)/\(index)")))
            }
            try await upstream.log.wait(for: "all requests") { $0.requests.count == 300 ? true : nil }
            gate.open(300)
            for (index, transfer) in running.enumerated() {
                let heard = try await transfer.end()
                #expect(heard.failure == nil)
                #expect(heard.text == (0..<20).map { "/\(index) \($0)\n" }.joined())
            }
        }
    }

    @Test func connectionsAreUsedAgain() async throws {
        let upstream = try TestUpstream { _, connection in try connection.reply("{}") }
        try await withEngine { engine in
            for _ in 0..<20 { try await engine.run(.init(method: "GET", url: upstream.url)).end() }
            #expect(upstream.log.current.connections == 1)
        }
    }

    @Test(
        "What is cancelled is heard of no more, and its connection is closed",
        arguments: ["head", "chunk", "outside"]
    )
    func cancelling(moment: String) async throws {
        let upstream = try TestUpstream { _, connection in
            try connection.head("200 OK", "Transfer-Encoding: chunked")
            try connection.chunk("one")
            try connection.hang()
        }
        try await withEngine { engine in
            let box = Watched<NIOLoopBound<UpstreamTransfer>?>(nil)
            let running = try await engine.run(.init(method: "GET", url: upstream.url)) { recorder in
                // Within a call of the receiver, as a server does that finds its caller gone.
                if moment == "head" { recorder.onHead = { box.current?.value.cancel() } }
                if moment == "chunk" { recorder.onChunk = { box.current?.value.cancel() } }
            }
            box.update { $0 = running.transfer }
            if moment == "outside" {
                try await running.heard.wait(for: "a chunk") { $0.body.isEmpty ? nil : true }
                try await running.cancel()
                try await running.cancel()
            } else {
                // Where it came before the test could hand the transfer over, it is cancelled here.
                try await running.heard.wait(for: "the moment") { $0.heads.isEmpty ? nil : true }
                try await running.cancel()
            }
            try await upstream.log.wait(for: "the upstream's end") { $0.aborts.first }
            #expect(!running.heard.current.isOver)
        }
    }

    @Test("An engine may be shut down from within a receiver, in the middle of what libcurl reads")
    func shutdownWithin() async throws {
        let upstream = try TestUpstream { _, connection in
            try connection.head("200 OK", "Transfer-Encoding: chunked")
            while true { try connection.chunk(String(repeating: "x", count: 1 << 20)) }
        }
        for count in [1, 8] {
            let engine = UpstreamEngine()
            let size = Watched(0)
            var running: [Running] = []
            for _ in 0..<count {
                running.append(
                    try await engine.run(.init(method: "GET", url: upstream.url)) { recorder in
                        recorder.onChunk = {
                            size.update { $0 += 1 }
                            // Not with the first, so that it comes with a lot that is handed on at once.
                            if size.current > 40 { engine.shutdown() }
                        }
                    }
                )
            }
            for transfer in running { #expect(try await transfer.end().failure?.reason == .shutdown) }
            // The loop goes on.
            let loop = try EpollLoopGroup.shared()
            try await loop.submit {}.get()
            for transfer in running {
                #expect(transfer.heard.current.essence.filter { $0 == .end(.shutdown) }.count == 1)
                #expect(transfer.heard.current.essence.last == .end(.shutdown))
            }
        }
    }

    @Test func cancellingAtOnceIsHarmless() async throws {
        let upstream = try TestUpstream { _, connection in try connection.reply("{}") }
        try await withEngine { engine in
            for _ in 0..<100 {
                let running = try await engine.run(.init(method: "GET", url: upstream.url))
                try await running.cancel()
                running.pause()
                running.resume()
                running.send(nil)
            }
            #expect(try await engine.run(.init(method: "GET", url: upstream.url)).end().text == "{}")
        }
    }

    @Test func shutdownEndsWhatRuns() async throws {
        let upstream = try TestUpstream { _, connection in
            try connection.head("200 OK", "Transfer-Encoding: chunked")
            try connection.chunk("one")
            try connection.hang()
        }
        let engine = UpstreamEngine()
        var running: [Running] = []
        for _ in 0..<20 { running.append(try await engine.run(.init(method: "GET", url: upstream.url))) }
        for transfer in running { try await transfer.heard.wait(for: "a chunk") { $0.body.isEmpty ? nil : true } }
        engine.shutdown()
        engine.shutdown()
        for transfer in running {
            let heard = try await transfer.end()
            #expect(heard.failure?.reason == .shutdown)
            #expect(heard.essence.filter { if case .end = $0 { true } else { false } }.count == 1)
        }
        try await upstream.log.wait(for: "all connections' ends") { $0.aborts.count == 20 ? true : nil }
    }

    @Test func aTransferBehindTheShutdownEndsAsWell() async throws {
        let engine = UpstreamEngine()
        engine.shutdown()
        let late = try await engine.run(.init(method: "GET", url: "http://127.0.0.1:1"))
        #expect(try await late.end().failure?.reason == .shutdown)
        try await late.cancel()
    }

    @Test("Transfers that race with the shutdown all end", arguments: 0..<20)
    func racing(_: Int) async throws {
        let upstream = try TestUpstream { _, connection in try connection.reply("{}") }
        let engine = UpstreamEngine()
        let starter = Task {
            var running: [Running] = []
            for _ in 0..<50 { running.append(try await engine.run(.init(method: "GET", url: upstream.url))) }
            return running
        }
        try await upstream.log.wait(for: "a request") { $0.requests.first }
        engine.shutdown()
        for transfer in try await starter.value {
            let heard = try await transfer.end()
            #expect(heard.failure == nil || heard.failure?.reason == .shutdown)
        }
    }
}
