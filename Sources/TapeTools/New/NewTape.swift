public import Tapes

/// Puts a tape that was made where it belongs.
public enum NewTape {
    /// Writes it as a file; one that is there is replaced only where that is asked for.
    public static func write(_ tape: Tape, to path: String, replacing: Bool = false) throws(TapeError) {
        try FileSystem.write(tape.encoded, to: path, replacing: replacing)
    }

    /// Adds it to a cassette under the name that a recorder would give it, behind what is there for the same request.
    ///
    /// - Returns: the file's path.
    public static func add(_ tape: Tape, from script: TapeScript, to cassette: String) throws(TapeError) -> String {
        var file = try PartFile(root: cassette, scope: tape.header.scope, stem: script.stem(of: tape))
        try file.append(tape.encoded)
        return try file.seal()
    }
}
