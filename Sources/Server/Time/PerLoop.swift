import NIOCore
import Synchronization

/// One thing for each event loop of a server, made when it is first asked for.
final class PerLoop<Value: Sendable>: Sendable {
    private let make: @Sendable (any EventLoop) -> Value
    private let made = Mutex<[ObjectIdentifier: Value]>([:])

    init(_ make: @escaping @Sendable (any EventLoop) -> Value) { self.make = make }

    subscript(eventLoop: any EventLoop) -> Value {
        made.withLock { made in
            if let value = made[ObjectIdentifier(eventLoop)] { return value }
            let value = make(eventLoop)
            made[ObjectIdentifier(eventLoop)] = value
            return value
        }
    }
}
