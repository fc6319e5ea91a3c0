import Glibc

/// An upstream that a test scripts: a thread per connection, which calls the script for each request.
///
/// What it saw is in ``log``. It listens on a free port, and every wait of it ends by itself.
package final class TestUpstream: Sendable {
    package typealias Script = @Sendable (ReceivedRequest, UpstreamConnection) throws -> Void

    /// What happened so far.
    package struct Log: Sendable {
        package var connections = 0
        package var requests: [ReceivedRequest] = []
        /// When the proxy's side of a connection was found closed while a script ran.
        package var aborts: [ContinuousClock.Instant] = []
        /// How often the script reached a place that it named.
        package var marks: [String: Int] = [:]
        var descriptors: Set<CInt> = []
        var isStopped = false
    }

    package let port: Int
    package let log = Watched(Log())
    private let listener: CInt

    package var url: String { "http://127.0.0.1:\(port)" }

    package init(_ script: @escaping Script) throws {
        let (listener, port) = try Sockets.listen()
        self.listener = listener
        self.port = port
        let log = self.log
        detachThread {
            while true {
                let descriptor = accept(listener, nil, nil)
                guard descriptor >= 0 else {
                    if errno == EINTR || errno == ECONNABORTED { continue }
                    break
                }
                // A child process of a test must not keep it open.
                _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
                Sockets.noDelay(descriptor)
                log.update {
                    $0.connections += 1
                    $0.descriptors.insert(descriptor)
                    if $0.isStopped { shutdown(descriptor, CInt(SHUT_RDWR)) }
                }
                detachThread { Self.serve(UpstreamConnection(descriptor, log), script) }
            }
            close(listener)
        }
    }

    deinit { stop() }

    /// Listens no more and cuts what is open.
    package func stop() {
        log.update {
            guard !$0.isStopped else { return }
            $0.isStopped = true
            shutdown(listener, CInt(SHUT_RDWR))
            for descriptor in $0.descriptors { shutdown(descriptor, CInt(SHUT_RDWR)) }
        }
    }

    private static func serve(_ connection: UpstreamConnection, _ script: Script) {
        do {
            while let request = try connection.nextRequest() {
                try script(request, connection)
                try connection.finishRequest()
            }
        } catch is UpstreamConnection.PeerIsGone {
            connection.log.update { $0.aborts.append(.now) }
        } catch {
            // A script that fails resets, which no test takes for success.
            connection.reset()
        }
        connection.end()
    }
}

/// A request as it came in at an upstream.
package struct ReceivedRequest: Sendable {
    package var method: String
    package var target: String
    package var version: String
    /// In wire order, names as they were written.
    package var fields: [Field]
    /// The body, where the script has it read.
    package var body: [UInt8] = []
    /// How many chunks the body came in; 0 where it has a length.
    package var chunkCount = 0

    package func values(_ name: String) -> [String] { fields.values(name) }
    package func value(_ name: String) -> String? { fields.values(name).first }
}
