import Logging
import Server
public import Tapes

/// Settings that beat the configuration file: from flags, or from `TOKENCAST_…` variables.
public struct Overrides: Sendable, Hashable {
    public var host: String?
    public var port: Int?
    /// All requests go here.
    public var upstream: String?
    /// The directory that every exchange is recorded into.
    public var record: String?
    /// The directory that every request is answered from.
    public var replay: String?
    /// The mode of all tapes: `off`, `none`, `once`, `new_episodes` or `all`.
    public var tapeMode: String?
    /// The directory of the tapes.
    public var cassette: String?
    /// For `replay`: 1 as recorded, 0 at once.
    public var speed: Double?
    /// For `replay`: no pause is longer than so many seconds.
    public var maxGap: Double?
    /// What recordings hold of requests' bodies: `full` or `hash`.
    public var requestBody: String?
    /// For `replay`: how bodies are cut into chunks.
    public var rechunk: Rechunk?
    /// For `replay`: what goes wrong.
    public var faults: [Fault]?
    /// Where every stream is written to: a directory, a file, or `-` for standard output.
    public var tee: String?
    /// For `tee`: `jsonl`, `text`, `raw`, with commas between them.
    public var teeFormat: String?
    public var logLevel: String?

    public init() {}

    /// Reads `TOKENCAST_HOST`, `…_PORT`, `…_UPSTREAM`, `…_RECORD`, `…_REPLAY`, `…_TAPE_MODE`, `…_CASSETTE`, `…_SPEED`,
    /// `…_MAX_GAP`, `…_RECHUNK`, `…_FAULT`, `…_REQUEST_BODY`, `…_TEE`, `…_TEE_FORMAT`, `…_LOG_LEVEL`.
    public init(environment: [String: String]) throws(ConfigurationError) {
        func value(_ name: String) -> String? { environment["TOKENCAST_" + name].flatMap { $0.isEmpty ? nil : $0 } }
        host = value("HOST")
        upstream = value("UPSTREAM")
        record = value("RECORD")
        replay = value("REPLAY")
        tapeMode = value("TAPE_MODE")
        cassette = value("CASSETTE")
        requestBody = value("REQUEST_BODY")
        tee = value("TEE")
        teeFormat = value("TEE_FORMAT")
        logLevel = value("LOG_LEVEL")
        if let text = value("PORT") {
            guard let port = Int(text) else { throw ConfigurationError("TOKENCAST_PORT '\(text)' is no number") }
            self.port = port
        }
        if let text = value("SPEED") {
            guard let speed = Double(text) else { throw ConfigurationError("TOKENCAST_SPEED '\(text)' is no number") }
            self.speed = speed
        }
        do throws(ReplayTextError) {
            maxGap = try value("MAX_GAP").map { (text) throws(ReplayTextError) in
                try ReplayOptions.number(text, called: "TOKENCAST_MAX_GAP")
            }
            rechunk = try value("RECHUNK").map(Rechunk.init(parsing:))
            faults = try value("FAULT").map { (text) throws(ReplayTextError) in try Fault.list(parsing: [text]) }
        } catch {
            throw ConfigurationError("\(error)")
        }
    }

    /// These, and where they are silent, `other`'s.
    public func or(_ other: Overrides) -> Overrides {
        var merged = self
        merged.host = host ?? other.host
        merged.port = port ?? other.port
        merged.upstream = upstream ?? other.upstream
        // One choice: who says it in one way isn't contradicted by another's other way.
        if record == nil, replay == nil, tapeMode == nil {
            merged.record = other.record
            merged.replay = other.replay
            merged.tapeMode = other.tapeMode
        }
        if record == nil, replay == nil { merged.cassette = cassette ?? other.cassette }
        merged.speed = speed ?? other.speed
        merged.maxGap = maxGap ?? other.maxGap
        merged.rechunk = rechunk ?? other.rechunk
        merged.faults = faults ?? other.faults
        merged.requestBody = requestBody ?? other.requestBody
        merged.tee = tee ?? other.tee
        merged.teeFormat = teeFormat ?? other.teeFormat
        merged.logLevel = logLevel ?? other.logLevel
        return merged
    }
}

extension Configuration {
    /// Puts the overrides on top.
    public mutating func apply(_ overrides: Overrides) throws(ConfigurationError) {
        if let host = overrides.host { self.host = host }
        if let port = overrides.port {
            guard (0...65535).contains(port) else { throw ConfigurationError("--port takes 0 to 65535, not \(port)") }
            self.port = port
        }
        if let level = overrides.logLevel {
            guard let level = Logger.Level(rawValue: level) else {
                let known = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
                throw ConfigurationError("--log-level '\(level)' is no level: take one of \(known)")
            }
            logLevel = level
        }
        if let url = overrides.upstream {
            guard overrides.replay == nil else {
                throw ConfigurationError("--upstream and --replay exclude each other: a replay touches no network")
            }
            guard UpstreamURL(url) != nil else {
                throw ConfigurationError("--upstream '\(url)' must be http://HOST or https://HOST, with a path at most")
            }
            upstreams = [Upstream(name: "upstream", source: .url(url))]
            routes = [Route(upstream: "upstream")]
        }
        try applyTapes(overrides)
        if let text = overrides.requestBody {
            guard let storage = RequestBodyStorage(rawValue: text) else {
                throw ConfigurationError("--request-body '\(text)' is neither full nor hash")
            }
            tapes.requestBody = storage
        }
        try apply(replay: overrides)
        try addTee(overrides.tee, formats: overrides.teeFormat)
    }

    private mutating func apply(replay overrides: Overrides) throws(ConfigurationError) {
        func check(_ flag: String, _ number: Double? = nil) throws(ConfigurationError) {
            if let number, !ReplayOptions.numbers.contains(number) {
                throw ConfigurationError("\(flag) takes a number from 0 to 30000000, not \(number)")
            }
            guard tapes.policy.modes.contains(where: \.plays) else {
                throw ConfigurationError("\(flag) goes with --replay")
            }
        }
        if let speed = overrides.speed {
            try check("--speed", speed)
            tapes.replay.speed = speed
        }
        if let gap = overrides.maxGap {
            try check("--max-gap", gap)
            tapes.replay.maxGap = gap
        }
        if let rechunk = overrides.rechunk {
            try check("--rechunk")
            tapes.replay.rechunk = rechunk
        }
        if let faults = overrides.faults {
            try check("--fault")
            guard faults.count <= Fault.maximumCount else {
                throw ConfigurationError(
                    "one answer can have \(Fault.maximumCount) faults at most, not \(faults.count)"
                )
            }
            tapes.replay.faults = faults
        }
    }
}

extension Configuration {
    /// Flags hold for every request: what the file says for routes and scopes gives way.
    private mutating func applyTapes(_ overrides: Overrides) throws(ConfigurationError) {
        let choices = [
            overrides.record.map { _ in "--record" }, overrides.replay.map { _ in "--replay" },
            overrides.tapeMode.map { _ in "--tape-mode" },
        ].compactMap { $0 }
        guard choices.count <= 1 else {
            throw ConfigurationError("\(choices.joined(separator: " and ")) exclude each other")
        }
        if overrides.cassette != nil, let choice = choices.first, choice != "--tape-mode" {
            throw ConfigurationError("\(choice) names the cassette already: leave --cassette out")
        }
        if let text = overrides.tapeMode {
            guard let mode = TapeMode(rawValue: text) else {
                throw ConfigurationError("--tape-mode \(TapeMode.unknown(text))")
            }
            tapes.mode = mode
            tapes.scopes = []
            for index in routes.indices {
                routes[index].tapes?.mode = nil
                routes[index].tapes?.scopes = nil
            }
            notices = []
        }
        if let directory = overrides.cassette {
            guard tapes.policy.modes.contains(where: { $0 != .off }) || overrides.tapeMode != nil else {
                throw ConfigurationError("--cassette goes with --tape-mode")
            }
            tapes.cassette = directory
        }
        if overrides.tapeMode != nil, tapes.needsCassette {
            throw ConfigurationError("--tape-mode \(tapes.mode.rawValue) needs --cassette")
        }
        guard let directory = overrides.record ?? overrides.replay else { return }
        let requestBody = tapes.requestBody
        tapes = Tapes()
        // What the file keeps off the disk stays off it.
        tapes.requestBody = requestBody
        tapes.mode = overrides.record == nil ? .none : .all
        tapes.cassette = directory
        for index in routes.indices { routes[index].tapes = nil }
        notices = []
    }
}
