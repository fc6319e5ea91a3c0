import Dialects
import Tapes

/// The `cassette.json` that comes nearest to how fixtures are matched: by their messages, again and again.
struct FixtureRules {
    /// Whether some fixture is for one model only, so that the model counts.
    var namesModels: Bool

    private var text: String {
        let members = namesModels ? #"["model", "messages"]"# : #"["messages"]"#
        return #"{ "match": \#(members), "exhausted": "last" }"#
    }

    /// Writes it into a cassette that was empty before; any other keeps the rules that its tapes were recorded for.
    ///
    /// - Returns: what was done.
    func write(to directory: String, isNew: Bool) throws(TapeError) -> String {
        let path = "\(directory)/cassette.json"
        guard isNew else { return "\(path) is left alone; the fixtures expect \(text)" }
        try FileSystem.write(Array((text + "\n").utf8), to: path, replacing: false)
        return "\(path) says how they are matched: \(text)"
    }
}
