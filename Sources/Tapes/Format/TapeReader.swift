import Dialects

/// Reads tapes, and believes nothing that they say of themselves.
public enum TapeReader {
    /// Reads a tape.
    ///
    /// - Parameters:
    ///   - bytes: the file.
    ///   - name: what errors call it.
    ///   - isPart: whether it is one that was being recorded (`.part`): then a torn last line is dropped, and even the
    ///     request may be missing.
    ///   - limits: what is too large.
    /// - Throws: a ``TapeError`` with the line.
    public static func read(
        _ bytes: [UInt8],
        name: String,
        isPart: Bool = false,
        limits: TapeLimits = TapeLimits()
    ) throws(TapeError) -> Tape {
        guard bytes.count <= limits.file else {
            throw TapeError(.tooLarge, "the file is larger than \(limits.file) bytes", file: name)
        }
        var assembly = TapeAssembly(isPart: isPart)
        var start = 0
        var number = 1
        while start < bytes.count {
            let newline = bytes[start...].firstIndex(of: UInt8(ascii: "\n"))
            // The recorder died while it wrote this line.
            if newline == nil, isPart { break }
            let end = newline ?? bytes.count
            do throws(LineError) {
                guard end - start <= limits.line else {
                    throw LineError(.tooLarge, "the line is longer than \(limits.line) bytes")
                }
                try assembly.add(TapeLine(bytes.span.extracting(start..<end), depth: limits.depth))
            } catch {
                throw TapeError(error.code, error.message, file: name, line: number)
            }
            start = end + 1
            number += 1
        }
        do throws(LineError) {
            return try assembly.finish()
        } catch {
            throw TapeError(error.code, error.message, file: name)
        }
    }

    /// Reads a tape's file; a name that ends in `.part` is one that was being recorded.
    public static func read(path: String, limits: TapeLimits = TapeLimits()) throws(TapeError) -> Tape {
        try readIdentified(path: path, limits: limits).tape
    }

    /// As ``read(path:limits:)``, with what tells the file from another of the same name.
    static func readIdentified(
        path: String,
        limits: TapeLimits
    ) throws(TapeError) -> (tape: Tape, identity: FileIdentity) {
        let (bytes, identity) = try FileSystem.readIdentified(path, limit: limits.file)
        let isPart = path.hasSuffix(TapeName.partSuffix)
        return (try read(bytes, name: path, isPart: isPart, limits: limits), identity)
    }
}

/// What is wrong with a line, before anybody knows which one it is.
struct LineError: Error {
    var code: TapeError.Code
    var message: String

    init(_ code: TapeError.Code, _ message: String) {
        self.code = code
        self.message = message
    }
}
