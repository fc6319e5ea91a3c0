import EventLoops
import Glibc
import NIOCore
import TestSupport
import Testing

/// Tasks and timers on a thread of its own.
@Suite struct EpollLoopTests {
    @Test("Tasks are done in order, those of other threads and the loop's own")
    func order() async throws {
        try await withLoop { loop in
            let done = Watched<[Int]>([])
            for number in 0..<1000 {
                loop.execute {
                    done.update { $0.append(2 * number) }
                    loop.execute { done.update { $0.append(2 * number + 1) } }
                }
            }
            let list = try await done.wait(for: "all") { $0.count == 2000 ? $0 : nil }
            #expect(list.filter { $0 % 2 == 0 } == (0..<1000).map { 2 * $0 })
            #expect(list.filter { $0 % 2 == 1 } == (0..<1000).map { 2 * $0 + 1 })
        }
    }

    @Test("A task knows whether it is on the loop, and its error reaches who waits")
    func submitting() async throws {
        struct Refusal: Error {}
        try await withLoop { loop in
            #expect(!loop.inEventLoop)
            let isOnLoop = try await loop.submit { loop.inEventLoop }.get()
            #expect(isOnLoop)
            await #expect(throws: Refusal.self) { try await loop.submit { throw Refusal() }.get() }
        }
    }

    @Test("Timers come in the order of their times, never before them")
    func timers() async throws {
        try await withLoop { loop in
            let start = NIODeadline.now()
            let times = [30, 5, 20, 0, 10]
            let fired = Watched<[Int]>([])
            let late = try await EventLoopFuture.whenAllSucceed(
                times.map { time in
                    loop.scheduleTask(deadline: start + .milliseconds(Int64(time))) { () -> TimeAmount in
                        fired.update { $0.append(time) }
                        return NIODeadline.now() - (start + .milliseconds(Int64(time)))
                    }.futureResult
                },
                on: loop
            ).get()
            #expect(fired.current == times.sorted())
            #expect(late.allSatisfy { $0 >= .zero })
        }
    }

    @Test("A timer that is taken back, on the loop or elsewhere, isn't done")
    func cancelling() async throws {
        try await withLoop { loop in
            let fired = Watched<[String]>([])
            let elsewhere = loop.scheduleTask(in: .hours(1)) { fired.update { $0.append("elsewhere") } }
            elsewhere.cancel()
            await #expect(throws: EventLoopError.self) { try await elsewhere.futureResult.get() }
            try await loop.submit {
                let timer = loop.after(.milliseconds(5)) { fired.update { $0.append("own") } }
                let other = loop.after(.milliseconds(1)) {
                    timer.cancel()
                    fired.update { $0.append("other") }
                }
                _ = loop.after(.milliseconds(20)) { fired.update { $0.append("last") } }
                #expect(other.due < timer.due)
            }.get()
            let list = try await fired.wait(for: "the last") { $0.last == "last" ? $0 : nil }
            #expect(list == ["other", "last"])
        }
    }

    @Test("What was taken before the end is done; what comes after it is refused, and nobody waits for ever")
    func ending() async throws {
        let group = try EpollLoopGroup(count: 2)
        let loop = group.loops[0]
        let done = Watched(0)
        for _ in 0..<100 { loop.execute { done.update { $0 += 1 } } }
        let late = loop.scheduleTask(in: .hours(1)) {}
        let end = Watched<String?>(nil)
        late.futureResult.whenComplete { result in
            if case .failure(let error) = result { end.update { $0 = "\(error)" } }
        }
        await offThread { group.stop() }
        await offThread { group.stop() }
        #expect(done.current == 100)
        #expect(end.current == "\(EventLoopError.shutdown)")
        let isTaken = loop.hand {}
        #expect(!isTaken)
    }

    @Test("Tasks that others bring about while the loop ends are done, too, and what they open is closed")
    func endingInSteps() async throws {
        let group = try EpollLoopGroup(count: 1)
        let loop = group.loops[0]
        let done = Watched(0)
        var ends: [CInt] = [-1, -1]
        try #require(socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0, &ends) == 0)
        let (own, peer) = (ends[0], ends[1])
        defer { close(peer) }
        // Told of its failure when all sockets are closed.
        let late = loop.scheduleTask(in: .hours(1)) {}
        late.futureResult.whenFailure { _ in
            SocketChannel(descriptor: own, on: loop).activate()
            @Sendable func step(_ left: Int) {
                done.update { $0 += 1 }
                if left > 1 { loop.execute { step(left - 1) } }
            }
            loop.execute { step(300) }
        }
        await offThread { group.stop() }
        #expect(done.current == 300)
        var byte: UInt8 = 0
        #expect(recv(peer, &byte, 1, CInt(MSG_DONTWAIT)) == 0)
    }

    @Test("A loop that is over isn't taken for one whose thread was given its place")
    func reusedThreads() async throws {
        let old = try EpollLoopGroup(count: 1)
        await offThread { old.stop() }
        for _ in 0..<5 {
            let isMistaken = try await withLoop { loop in
                try await loop.submit { old.loops[0].inEventLoop }.get()
            }
            #expect(!isMistaken)
        }
    }

    @Test("A peer that is gone is an error on a loop's thread, and no signal")
    func brokenPipes() async throws {
        try await withLoop { loop in
            let code = try await loop.submit { () -> CInt in
                var blocked = sigset_t()
                pthread_sigmask(SIG_BLOCK, nil, &blocked)
                guard sigismember(&blocked, SIGPIPE) == 1 else { return -1 }
                var ends: [CInt] = [-1, -1]
                guard pipe(&ends) == 0 else { return -2 }
                close(ends[0])
                defer { close(ends[1]) }
                return write(ends[1], "x", 1) < 0 ? errno : 0
            }.get()
            #expect(code == EPIPE)
        }
    }

    @Test("Each loop of a group has its turn")
    func turns() async throws {
        let group = try EpollLoopGroup(count: 3)
        let loops = (0..<6).map { _ in ObjectIdentifier(group.next()) }
        #expect(Set(loops).count == 3)
        #expect(loops[..<3] == loops[3...])
        await offThread { group.stop() }
    }
}

/// Runs `body` with a loop that ends afterwards.
func withLoop<R>(_ body: (EpollLoop) async throws -> R) async throws -> R {
    let group = try EpollLoopGroup(count: 1)
    do {
        let result = try await body(group.loops[0])
        await offThread { group.stop() }
        return result
    } catch {
        await offThread { group.stop() }
        throw error
    }
}

/// A task that waits for another thread must not have one of Swift's own.
func offThread(_ body: @escaping @Sendable () -> Void) async {
    await withCheckedContinuation { continuation in
        detachThread {
            body()
            continuation.resume()
        }
    }
}
