import Dialects
public import Tapes

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A cassette of its own for tapes that are to answer whatever comes: a temporary directory, until it is removed.
public struct ServedCopy: Sendable {
    /// The directory.
    public let directory: String
    /// How many tapes can be played.
    public private(set) var count = 0
    /// What was left out: files that are no tapes, and tapes that can't be played.
    public private(set) var problems: [String] = []

    /// - Parameter source: a tape, or a cassette's directory. Its own rules don't count.
    /// - Throws: a ``TapeError`` where there is nothing to play, or no directory to put it into.
    public init(_ source: String) throws(TapeError) {
        let base = getenv("TMPDIR").map { String(cString: $0) } ?? ""
        var template = Array("\(base.isEmpty ? "/tmp" : base)/tokencast-play-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw TapeError(.file, "can't be written to: \(FileSystem.lastReason)", file: base)
        }
        directory = template.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
        do throws(TapeError) {
            try fill(source)
        } catch {
            remove()
            throw error
        }
    }

    private mutating func fill(_ source: String) throws(TapeError) {
        if FileSystem.isDirectory(source) {
            let cassette = Cassette.inspect(directory: source)
            problems = cassette.errors.map(\.description)
            for item in cassette.items { try add("\(source)/\(item.name)", item.tape, item.isServable) }
        } else {
            let tape = try TapeReader.read(path: source)
            try add(source, tape, tape.isServable)
        }
        guard count > 0 else {
            let reason = problems.first.map { "nothing can be played: \($0)" } ?? "has no tapes"
            throw TapeError(.value, reason, file: source)
        }
        let rules = JSONValue.object([("match", .array([])), ("exhausted", .string("cycle"))])
        try FileSystem.write(rules.jsonBytes, to: "\(directory)/cassette.json", replacing: false)
    }

    /// Removes the directory.
    public func remove() {
        for name in (try? FileSystem.list(directory).map(\.name)) ?? [] { unlink("\(directory)/\(name)") }
        rmdir(directory)
    }

    private mutating func add(_ path: String, _ tape: Tape, _ isServable: Bool) throws(TapeError) {
        guard isServable else {
            problems.append("\(path): it has no end of its own, so it isn't played")
            return
        }
        count += 1
        // Their order is that of the names, numbers by their value.
        try FileSystem.write(
            tape.encoded,
            to: "\(directory)/\(TapeName.numbered("tape", count))\(TapeName.suffix)",
            replacing: false
        )
    }
}
