import Testing

@testable import WebSockets

@Suite struct KeepAliveTests {
    private let times = KeepAlive.Times(interval: 25, answer: 10, close: 5)

    /// What is done at each second from 1 on, where it isn't nothing.
    private func actions(
        until end: Int,
        _ keepAlive: inout KeepAlive,
        takesPing: (Int) -> Bool = { _ in true },
        each: (inout KeepAlive, Int) -> Void = { _, _ in }
    ) -> [Int: KeepAlive.Action] {
        var found: [Int: KeepAlive.Action] = [:]
        for second in 1...end {
            each(&keepAlive, second)
            let action = keepAlive.check(at: second, takesPing: { takesPing(second) })
            if action != .nothing { found[second] = action }
            if action == .lost { break }
        }
        return found
    }

    @Test("Who answers is pinged every 25 s")
    func answered() {
        var keepAlive = KeepAlive(times, at: 0)
        let found = actions(
            until: 100,
            &keepAlive,
            each: { keepAlive, second in if second % 25 == 3 { keepAlive.heard() } }
        )
        #expect(found == [25: .ping, 50: .ping, 75: .ping, 100: .ping])
    }

    @Test("The first ping comes when it was told to")
    func first() {
        var keepAlive = KeepAlive(times, at: 0, first: 4)
        let found = actions(until: 60, &keepAlive, each: { keepAlive, _ in keepAlive.heard() })
        #expect(found == [4: .ping, 29: .ping, 54: .ping])
    }

    @Test("Who doesn't is lost 10 s later")
    func silent() {
        var keepAlive = KeepAlive(times, at: 0)
        #expect(actions(until: 100, &keepAlive) == [25: .ping, 35: .lost])
    }

    @Test("A socket that takes nothing for now is neither pinged nor given up")
    func slow() {
        var keepAlive = KeepAlive(times, at: 0)
        let found = actions(until: 100, &keepAlive, takesPing: { $0 < 20 || $0 > 60 })
        #expect(found == [61: .ping, 71: .lost])
        // The ping has left, then the socket fills up: the wait begins anew.
        var full = KeepAlive(times, at: 0)
        #expect(actions(until: 100, &full, takesPing: { $0 < 30 || $0 > 60 }) == [25: .ping, 61: .ping, 70: .lost])
    }

    @Test("Who is to close has 5 s for it, whatever it sends")
    func closing() {
        var keepAlive = KeepAlive(times, at: 0)
        let found = actions(
            until: 100,
            &keepAlive,
            each: { keepAlive, second in
                keepAlive.heard()
                if second == 7 || second == 9 { keepAlive.closes(at: second) }
            }
        )
        #expect(found == [12: .lost])
    }
}
