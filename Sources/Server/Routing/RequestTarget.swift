import Broadcast
import Dialects
import NIOHTTP1
import Tapes
import Upstream

/// A request's target, taken apart: options before the path, the path, the query.
struct RequestTarget {
    /// What a request may ask of Tokencast itself, in headers or in front of its path.
    struct Options: Equatable {
        var channel: String?
        var scope: TapeScope?
        /// How a tape is played, where one answers.
        var replay = ReplayOptions()
        /// The name of a tee.
        var tee: String?
    }

    /// Why a target can't be served.
    struct Problem: Error, Equatable {
        var message: String
    }

    /// The path without options and query; it starts with a slash.
    var path: String
    /// The query without its question mark; nil where there is none.
    var query: String?
    var options = Options()

    /// Path and query, as they go upstream.
    var pathAndQuery: String { query.map { "\(path)?\($0)" } ?? path }

    /// Reads an origin-form target (RFC 9112, section 3.2.1), with options as in `/~channel=demo,scope=test-7/v1`.
    init(_ target: String, headers: HTTPHeaders) throws(Problem) {
        guard target.utf8.first == UInt8(ascii: "/") else {
            throw Problem(message: "the request target must begin with a slash")
        }
        if let mark = target.utf8.firstIndex(of: UInt8(ascii: "?")) {
            path = String(target[..<mark])
            query = String(target[target.utf8.index(after: mark)...])
        } else {
            path = target
        }
        if path.utf8.dropFirst().first == UInt8(ascii: "~") {
            let list = path.dropFirst(2).prefix { $0 != "/" }
            path = String(path.dropFirst(2 + list.count))
            if path.isEmpty { path = "/" }
            var faults: [String] = []
            for item in list.split(separator: ",") { try take(option: item, &faults) }
            if !faults.isEmpty { try set(replay: "fault", to: faults) }
        }
        guard headers.contains(where: { $0.name.hasHeaderPrefix("tokencast-") }) else { return }
        if let channel = headers.first(name: "tokencast-channel") { try set(channel: channel) }
        if let scope = headers.first(name: "tokencast-scope") { try set(scope: scope) }
        for name in Self.replayOptions {
            let values = headers["tokencast-\(name)"]
            if !values.isEmpty { try set(replay: name, to: values) }
        }
        if let tee = headers.first(name: "tokencast-tee") { try set(tee: tee) }
    }

    private mutating func take(option: Substring, _ faults: inout [String]) throws(Problem) {
        let parts = option.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        switch (parts[0], parts.count) {
        case ("channel", 2): try set(channel: String(parts[1]))
        case ("scope", 2): try set(scope: String(parts[1]).percentDecoded)
        case ("tee", 2): try set(tee: String(parts[1]))
        case ("fault", 2): faults.append(String(parts[1]))
        case (let name, 2) where Self.replayOptions.contains(String(name)):
            try set(replay: String(name), to: [String(parts[1])])
        default:
            throw Problem(
                message: "unknown option '\(option)' in the URL: there are channel=NAME, scope=NAME, tee=NAME, "
                    + "speed=X, max-gap=SECONDS, rechunk=MODE and fault=FAULT"
            )
        }
    }

    private mutating func set(channel: String) throws(Problem) {
        guard EventChannel.isValid(name: channel) else {
            throw Problem(message: EventChannel.refusal(ofName: channel))
        }
        options.channel = channel
    }

    private mutating func set(scope: String) throws(Problem) {
        guard let scope = TapeScope(scope) else {
            throw Problem(message: "'\(scope)' can't name a scope: plain path segments joined by slashes")
        }
        options.scope = scope
    }

    private static let replayOptions = ["speed", "max-gap", "rechunk", "fault"]

    /// Takes an option of replaying, by its name in URLs, which headers have behind `tokencast-`.
    private mutating func set(replay name: String, to values: [String]) throws(Problem) {
        do throws(ReplayTextError) {
            switch name {
            case "speed": options.replay.speed = try ReplayOptions.number(values[0], called: name)
            case "max-gap": options.replay.maxGap = try ReplayOptions.number(values[0], called: name)
            case "rechunk": options.replay.rechunk = try Rechunk(parsing: values[0])
            default: options.replay.faults = try Fault.list(parsing: values)
            }
        } catch {
            throw Problem(message: error.message)
        }
    }

    /// Whether there is such a tee, and the request may have it, is known once its route is.
    private mutating func set(tee: String) throws(Problem) {
        guard EventChannel.isValid(name: tee) else {
            throw Problem(
                message: "'\(tee)' can't name a tee: 1 to 128 of ASCII letters, digits, dot, underscore, hyphen"
            )
        }
        options.tee = tee
    }

    /// The last value of a query parameter, percent-decoded.
    func parameter(_ name: String) -> String? {
        guard let query else { return nil }
        var found: String?
        for item in query.split(separator: "&") {
            let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts[0] == name { found = parts.count > 1 ? String(parts[1]).percentDecoded : "" }
        }
        return found
    }
}
