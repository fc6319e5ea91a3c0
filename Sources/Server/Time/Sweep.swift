package import NIOCore

/// What is looked after from time to time. Confined to its event loop.
package protocol Swept: AnyObject {
    /// Its index in the sweep's list, which is the sweep's affair.
    var place: Int { get set }
    func check(at now: NIODeadline)
}

/// Looks after all that joined on one event loop: one timer, however many there are.
///
/// `@unchecked Sendable`: confined to its event loop.
package final class Sweep: @unchecked Sendable {
    private let eventLoop: any EventLoop
    private let interval: TimeAmount
    private var members: [any Swept] = []
    private var timer: RepeatedTask?

    package init(_ eventLoop: any EventLoop, every interval: TimeAmount) {
        self.eventLoop = eventLoop
        self.interval = interval
    }

    func add(_ member: any Swept) {
        member.place = members.count
        members.append(member)
        guard timer == nil else { return }
        timer = eventLoop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in self.look() }
    }

    func remove(_ member: any Swept) {
        guard member.place < members.count, members[member.place] === member else { return }
        let last = members.removeLast()
        if last !== member {
            members[member.place] = last
            last.place = member.place
        }
        guard members.isEmpty else { return }
        timer?.cancel()
        timer = nil
    }

    private func look() {
        let now = NIODeadline.now()
        // From the end, since one that leaves is replaced by the last.
        for index in members.indices.reversed() where index < members.count { members[index].check(at: now) }
    }
}
