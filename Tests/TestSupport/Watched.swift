import Synchronization

/// A value that threads change and tests wait on: no test sleeps until something "should have" happened.
package final class Watched<Value: Sendable>: Sendable {
    private struct State: Sendable {
        var value: Value
        var next = 0
        var waiting: [Int: CheckedContinuation<Void, Never>] = [:]
    }

    private let state: Mutex<State>

    package init(_ value: Value) {
        state = Mutex(State(value: value))
    }

    package var current: Value { state.withLock { $0.value } }

    /// Changes the value and has everyone who waits look again.
    package func update(_ change: (inout Value) -> Void) {
        let waiting = state.withLock { state in
            change(&state.value)
            defer { state.waiting = [:] }
            return Array(state.waiting.values)
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Waits until `check` gives something.
    ///
    /// - Parameters:
    ///   - what: what is waited for, for the error.
    ///   - limit: generous, because a loaded machine is slow; it is only reached where something hangs.
    @discardableResult
    package func wait<Result: Sendable>(
        for what: String,
        within limit: Duration = .seconds(30),
        _ check: (Value) throws -> Result?
    ) async throws -> Result {
        let deadline = ContinuousClock.now + limit
        let alarm = Task { [weak self] in
            try await Task.sleep(until: deadline, clock: .continuous)
            self?.update { _ in }
        }
        defer { alarm.cancel() }
        while true {
            if let result = try check(current) { return result }
            guard ContinuousClock.now < deadline else { throw Late(what: what) }
            try Task.checkCancellation()
            await change(unless: check)
        }
    }

    /// Returns at the next change, or at once where `check` has become true meanwhile.
    private func change<Result>(unless check: (Value) throws -> Result?) async {
        await withCheckedContinuation { continuation in
            let isReady = state.withLock { state in
                if (try? check(state.value)) ?? nil != nil { return true }
                state.waiting[state.next] = continuation
                state.next += 1
                return false
            }
            if isReady { continuation.resume() }
        }
    }
}

/// What was waited for didn't come.
package struct Late: Error, CustomStringConvertible {
    package var what: String
    package init(what: String) { self.what = what }
    package var description: String { "waited in vain for \(what)" }
}

/// What the test's own tools couldn't do.
package struct Failure: Error, CustomStringConvertible {
    package var description: String
    package init(_ description: String) { self.description = description }
}
