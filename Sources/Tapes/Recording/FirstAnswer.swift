import Synchronization

/// An answer that two parties may give and one awaits: the first one counts.
package final class FirstAnswer: Sendable {
    private struct State {
        var answer: Bool?
        var waiting: CheckedContinuation<Bool, Never>?
    }

    private let state = Mutex(State())

    package init() {}

    package func give(_ answer: Bool) {
        let waiting = state.withLock { state in
            guard state.answer == nil else { return nil as CheckedContinuation<Bool, Never>? }
            state.answer = answer
            defer { state.waiting = nil }
            return state.waiting
        }
        waiting?.resume(returning: answer)
    }

    /// Awaits the answer; one awaits it once.
    package func value() async -> Bool {
        await withCheckedContinuation { continuation in
            let answer = state.withLock { state in
                if state.answer == nil { state.waiting = continuation }
                return state.answer
            }
            if let answer { continuation.resume(returning: answer) }
        }
    }
}
