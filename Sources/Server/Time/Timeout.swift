import NIOCore

/// Something that is done at a time unless it is taken back before. Confined to its event loop.
final class Timeout {
    let due: NIODeadline
    fileprivate var action: (() -> Void)?
    /// Its index in the heap; nil while it isn't there.
    fileprivate var place: Int?
    private weak var owner: Timeouts?

    init(_ due: NIODeadline, _ owner: Timeouts? = nil, _ action: @escaping () -> Void) {
        self.due = due
        self.owner = owner
        self.action = action
    }

    /// Takes it back; nothing happens where it was done already.
    func cancel() { owner?.cancel(self) }

    /// Does it, once.
    func fire() {
        let action = self.action
        self.action = nil
        action?()
    }

    fileprivate func forget() { action = nil }
}

/// Timeouts, the next one first: a binary heap in which each knows its place, so that to take one out of thousands costs
/// a few steps and no search.
struct TimeoutHeap {
    private var list: [Timeout] = []

    var next: Timeout? { list.first }
    var count: Int { list.count }

    mutating func insert(_ timeout: Timeout) {
        timeout.place = list.count
        list.append(timeout)
        rise(from: list.count - 1)
    }

    /// Takes one out; false where it isn't there.
    mutating func remove(_ timeout: Timeout) -> Bool {
        guard let place = timeout.place, list.indices.contains(place), list[place] === timeout else { return false }
        timeout.place = nil
        let last = list.removeLast()
        guard last !== timeout else { return true }
        list[place] = last
        last.place = place
        rise(from: place)
        sink(from: last.place ?? place)
        return true
    }

    private mutating func rise(from place: Int) {
        var place = place
        while place > 0, list[place].due < list[(place - 1) / 2].due {
            swap(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
    }

    private mutating func sink(from place: Int) {
        var place = place
        while true {
            var first = place
            for child in [2 * place + 1, 2 * place + 2] where child < list.count && list[child].due < list[first].due {
                first = child
            }
            guard first != place else { return }
            swap(place, first)
            place = first
        }
    }

    private mutating func swap(_ left: Int, _ right: Int) {
        list.swapAt(left, right)
        list[left].place = left
        list[right].place = right
    }
}

/// The timeouts of one event loop, under one timer of its own: to take one back costs the same however many there are,
/// while the event loop itself searches all that it has.
///
/// `@unchecked Sendable`: confined to its event loop.
final class Timeouts: @unchecked Sendable {
    private let eventLoop: any EventLoop
    private var heap = TimeoutHeap()
    private var timer: (due: NIODeadline, task: Scheduled<Void>)?

    init(_ eventLoop: any EventLoop) { self.eventLoop = eventLoop }

    /// Has `action` done after some time.
    func after(_ time: TimeAmount, _ action: @escaping () -> Void) -> Timeout {
        let timeout = Timeout(eventLoop.now + time, self, action)
        heap.insert(timeout)
        arm()
        return timeout
    }

    fileprivate func cancel(_ timeout: Timeout) {
        timeout.forget()
        // The timer may find nothing to do, and goes on to what is next then.
        _ = heap.remove(timeout)
    }

    private func arm() {
        guard let next = heap.next else { return }
        if let timer {
            guard next.due < timer.due else { return }
            timer.task.cancel()
        }
        timer = (next.due, eventLoop.scheduleTask(deadline: next.due) { self.fire() })
    }

    private func fire() {
        timer = nil
        let now = eventLoop.now
        while let next = heap.next, next.due <= now {
            _ = heap.remove(next)
            next.fire()
        }
        arm()
    }
}
