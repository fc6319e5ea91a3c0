import Synchronization

/// What the events of a node take in memory, however many logs share them. From any thread.
public final class HeldBytes: Sendable {
    private let bytes = Atomic<Int>(0)

    init() {}

    public var current: Int { bytes.load(ordering: .relaxed) }
    func add(_ count: Int) { bytes.wrappingAdd(count, ordering: .relaxed) }
    func subtract(_ count: Int) { bytes.wrappingSubtract(count, ordering: .relaxed) }
}
