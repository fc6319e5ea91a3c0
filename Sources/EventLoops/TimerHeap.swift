package import NIOCore

/// Something that is done at a time unless it is taken back before. Confined to its event loop.
package final class LoopTimer {
    package let due: NIODeadline
    fileprivate var action: (() -> Void)?
    /// Its index in the heap; nil while it isn't there.
    fileprivate var place: Int?
    /// Nil once it is over. Not weak, since that makes each use of the loop slower.
    private var loop: EpollLoop?
    /// Whether it has to be fired even if its loop ends first.
    let isPromised: Bool

    package init(
        _ due: NIODeadline,
        on loop: EpollLoop? = nil,
        isPromised: Bool = false,
        _ action: @escaping () -> Void
    ) {
        self.due = due
        self.loop = loop
        self.isPromised = isPromised
        self.action = action
    }

    /// Takes it back; nothing happens where it was done already.
    package func cancel() {
        action = nil
        if place != nil { loop?.remove(self) }
        loop = nil
    }

    /// Does it, once.
    package func fire() {
        let action = self.action
        self.action = nil
        loop = nil
        action?()
    }
}

/// Timers, the next one first: a binary heap in which each knows its place, so that to take one out of thousands costs
/// a few steps and no search.
package struct TimerHeap {
    private var list: [LoopTimer] = []

    package init() {}

    package var next: LoopTimer? { list.first }
    /// When the next is due; the distant future where there is none.
    package private(set) var due = NIODeadline.distantFuture
    package var count: Int { list.count }

    package mutating func insert(_ timer: LoopTimer) {
        timer.place = list.count
        list.append(timer)
        rise(from: list.count - 1)
        due = list[0].due
    }

    /// Takes one out; false where it isn't there.
    @discardableResult
    package mutating func remove(_ timer: LoopTimer) -> Bool {
        guard let place = timer.place, list.indices.contains(place), list[place] === timer else { return false }
        timer.place = nil
        defer { due = list.first?.due ?? .distantFuture }
        let last = list.removeLast()
        guard last !== timer else { return true }
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
