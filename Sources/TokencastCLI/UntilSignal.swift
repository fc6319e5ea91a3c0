import UnixSignals

/// Runs something until it is done, or a signal comes.
enum UntilSignal {
    /// - Returns: whether it was done; a signal cancels it.
    static func run(_ signals: [UnixSignal], _ body: @escaping @Sendable () async -> Void) async -> Bool {
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                await body()
                return true
            }
            group.addTask {
                for await _ in await UnixSignalsSequence(trapping: signals) { return false }
                // Cancelled: the other one is done.
                return true
            }
            let isDone = await group.next() ?? true
            group.cancelAll()
            return isDone
        }
    }
}
