package import NIOCore

/// Looks after all WebSockets of one event loop once a second: one timer, however many there are.
///
/// `@unchecked Sendable`: confined to its event loop.
package final class WebSocketSweep: @unchecked Sendable {
    private let eventLoop: any EventLoop
    private let interval: TimeAmount
    private var connections: [WebSocketConnection] = []
    private var timer: RepeatedTask?

    /// - Parameter interval: between two looks.
    package init(_ eventLoop: any EventLoop, every interval: TimeAmount = .seconds(1)) {
        self.eventLoop = eventLoop
        self.interval = interval
    }

    func add(_ connection: WebSocketConnection) {
        connection.place = connections.count
        connections.append(connection)
        guard timer == nil else { return }
        timer = eventLoop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in self.look() }
    }

    func remove(_ connection: WebSocketConnection) {
        guard connection.place < connections.count, connections[connection.place] === connection else { return }
        let last = connections.removeLast()
        if last !== connection {
            connections[connection.place] = last
            last.place = connection.place
        }
        guard connections.isEmpty else { return }
        timer?.cancel()
        timer = nil
    }

    private func look() {
        let now = Int(clamping: NIODeadline.now().uptimeNanoseconds)
        // From the end, since one that is dropped leaves the list at once, and the last takes its place.
        for index in connections.indices.reversed() where index < connections.count {
            connections[index].check(at: now)
        }
    }
}
