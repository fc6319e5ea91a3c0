import ArgumentParser
import Logging
import ServiceLifecycle
import Tokencast
import UnixSignals

/// Runs the service within a command.
enum Serving {
    /// Serves until SIGTERM or SIGINT.
    ///
    /// - Throws: the code to end with; what is wrong was said.
    static func run(
        _ configuration: Configuration,
        onListening: @escaping @Sendable (String) -> Void
    ) async throws {
        let service = TokencastService(configuration, onListening: onListening)
        let group = ServiceGroup(
            services: [service],
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: silent
        )
        do {
            try await group.run()
        } catch let error as ConfigurationError {
            throw Exit.fail("\(error)", Exit.configuration)
        } catch let error as ListenError {
            throw Exit.fail("\(error)", Exit.unavailable)
        }
    }

    /// For what says enough by itself.
    static let silent = Logger(label: "tokencast") { _ in SwiftLogNoOpLogHandler() }
}
