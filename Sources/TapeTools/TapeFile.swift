public import Tapes

/// Reads the files that tools are pointed at.
public enum TapeFile {
    /// Reads a tape.
    ///
    /// - Throws: a ``TapeError`` with file and line.
    public static func read(_ path: String) throws(TapeError) -> Tape { try TapeReader.read(path: path) }

    /// The text that stands for a tape in a diff; for a file that is no tape, its lines and why.
    ///
    /// - Throws: where the file can't be read at all.
    public static func textConversion(of path: String) throws(TapeError) -> String {
        let bytes = try FileSystem.read(path, limit: TapeLimits().file)
        do throws(TapeError) {
            let isPart = path.hasSuffix(TapeName.partSuffix)
            return TextConversion(try TapeReader.read(bytes, name: path, isPart: isPart)).text
        } catch {
            return TextConversion(broken: bytes, error: error).text
        }
    }
}
