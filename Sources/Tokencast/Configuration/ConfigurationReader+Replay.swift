import Tapes

extension ConfigurationReader {
    /// The keys that say how tapes are played.
    static let replayKeys = ["speed", "maxGap", "rechunk", "faults"]

    func replayOptions() throws(ConfigurationError) -> ReplayOptions {
        var options = ReplayOptions(speed: try number("speed"), maxGap: try number("maxGap"))
        if let text = try string("rechunk") {
            options.rechunk = try wording("rechunk") { () throws(ReplayTextError) in try Rechunk(parsing: text) }
        }
        if let texts = try strings("faults") {
            options.faults = try wording("faults") { () throws(ReplayTextError) in try Fault.list(parsing: texts) }
        }
        return options
    }

    /// Reads a text that has a grammar of its own.
    private func wording<Value>(
        _ key: String,
        _ parse: () throws(ReplayTextError) -> Value
    ) throws(ConfigurationError) -> Value {
        do throws(ReplayTextError) {
            return try parse()
        } catch {
            throw problem(key, error.message)
        }
    }
}
