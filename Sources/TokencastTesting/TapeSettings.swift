import Logging
import Tapes
import Tokencast

/// What a test asks for, and what the environment makes of it.
struct TapeSettings: Sendable {
    /// The scope's name; a directory within the cassette.
    var name: String
    /// The cassette's directory as the test gives it, and the test's own file, which a relative one is seen from.
    var cassette: String
    var file: String
    var options = ReplayOptions()
    /// Where a request goes that is to be recorded; nil asks `TOKENCAST_UPSTREAM`.
    var upstream: String?
    /// The variable with the key that goes there where the client has none.
    var keyVariable: String?
    var verifies = true

    /// The configuration of one test's server.
    ///
    /// - Throws: ``TapeServerError`` where the settings or the environment can't be what they are.
    func configuration(environment: [String: String]) throws(TapeServerError) -> Configuration {
        guard let scope = TapeScope(name), scope != .root else {
            throw TapeServerError(
                "'\(name)' can't name a tape: up to 8 segments of ASCII letters, digits, '.', '_' and '-', joined by slashes"
            )
        }
        let mode = try mode(environment)
        var configuration = Configuration()
        configuration.port = 0
        configuration.logLevel = .critical
        configuration.drainSeconds = 0
        configuration.tapes.cassette = directory
        configuration.tapes.mode = mode
        configuration.tapes.scope = scope
        configuration.tapes.replay = options
        guard mode != .none else { return configuration }
        guard let url = upstream ?? environment["TOKENCAST_UPSTREAM"] else {
            throw TapeServerError(
                "TOKENCAST_TAPES=\(mode.rawValue) needs to know where to ask: give the tape an upstream, or set TOKENCAST_UPSTREAM"
            )
        }
        let key = keyVariable.flatMap { environment[$0] }
        configuration.upstreams = [.init(name: "upstream", source: .url(url), key: key)]
        configuration.routes = [.init(upstream: "upstream")]
        return configuration
    }

    /// The cassette's directory, made absolute.
    var directory: String {
        guard !cassette.hasPrefix("/") else { return cassette }
        let parts = file.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).dropLast()
        return (parts.map { String(decoding: $0, as: UTF8.self) } + [cassette]).joined(separator: "/")
    }

    private func mode(_ environment: [String: String]) throws(TapeServerError) -> TapeMode {
        guard let text = environment["TOKENCAST_TAPES"], !text.isEmpty else { return .none }
        guard let mode = TapeMode(rawValue: text) else {
            let known = TapeMode.allCases.map(\.rawValue).joined(separator: ", ")
            throw TapeServerError("TOKENCAST_TAPES '\(text)' is no mode: take one of \(known)")
        }
        return mode
    }
}

/// Why a test got no server.
public struct TapeServerError: Error, Sendable, Hashable, CustomStringConvertible {
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}
