import Dialects
public import Tapes

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Gives the `.part` of a recorder that died an end and its name.
public struct TapeSealer: Sendable {
    /// What became of one `.part`.
    public enum Outcome: Sendable {
        /// It is a tape now (or would be, in a dry run), with so many chunks.
        case sealed(name: String, chunks: Int)
        /// It is left as it is, for this reason.
        case refused(String)
    }

    private let isDryRun: Bool

    /// - Parameter isDryRun: whether it is only said what would be done.
    public init(isDryRun: Bool = false) {
        self.isDryRun = isDryRun
    }

    /// The `.part`s that the paths, files or directories, lead to; and what is wrong with the paths.
    public static func parts(of paths: [String]) -> (parts: [String], errors: [TapeError]) {
        let found = TapePaths(paths)
        // A tape in a directory is no part to be sealed; one that was named is a mistake.
        let wrong = found.files.filter { file in !file.isPart && paths.contains(file.path) }
            .map { TapeError(.file, "is no .part", file: $0.path) }
        return (found.files.filter(\.isPart).map(\.path), found.errors + wrong)
    }

    /// Seals one `.part`: a torn last line is cut off, and an end line with the reason `crash` added, unless it has one.
    public func seal(_ path: String) -> Outcome {
        do throws(TapeError) {
            return try attempt(path)
        } catch {
            return .refused(error.description)
        }
    }

    private func attempt(_ path: String) throws(TapeError) -> Outcome {
        guard path.hasSuffix(TapeName.partSuffix) else { return .refused("\(path): is no .part") }
        // Read before it is locked: a recorder has its lock before it has its request, so none is taken from one.
        let first = try TapeReader.read(path: path)
        guard !first.request.method.isEmpty else {
            return .refused("\(path): has no request yet; there is nothing to keep of it")
        }
        let file = open(path, O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW)
        guard file >= 0 else { throw TapeError(.file, "can't be opened: \(FileSystem.lastReason)", file: path) }
        defer { close(file) }
        if let reason = Self.reasonToWait(file) { return .refused("\(path): \(reason)") }
        // Again, for what may have come before the lock.
        let bytes = try FileSystem.read(path, limit: TapeLimits().file)
        let tape = try TapeReader.read(bytes, name: path, isPart: true)
        if isDryRun { return .sealed(name: TapeName.withoutSuffix(path) + TapeName.suffix, chunks: tape.chunks.count) }
        if tape.end == nil {
            let whole = (bytes.lastIndex(of: UInt8(ascii: "\n")) ?? -1) + 1
            if whole < bytes.count, ftruncate(file, off_t(whole)) != 0 {
                throw TapeError(.file, "can't be cut: \(FileSystem.lastReason)", file: path)
            }
            try FileSystem.append(Self.endLine(for: tape), to: file, path)
        }
        guard fsync(file) == 0 else {
            throw TapeError(.file, "can't be brought to the disk: \(FileSystem.lastReason)", file: path)
        }
        return .sealed(name: try Self.rename(path), chunks: tape.chunks.count)
    }

    /// How long a `.part` must have been left alone where the file system knows no locks: longer than any pause of a
    /// stream that isn't ended by a time-out.
    private static let quietSeconds = 600

    /// Why a `.part` is left alone: somebody writes it, or may.
    private static func reasonToWait(_ file: Int32) -> String? {
        if flock(file, LOCK_EX | LOCK_NB) == 0 { return nil }
        if errno == EWOULDBLOCK { return "is being recorded" }
        var status = stat()
        guard fstat(file, &status) == 0 else { return "can't be looked at: \(FileSystem.lastReason)" }
        let quiet = time(nil) - Int(status.st_mtim.tv_sec)
        return quiet >= quietSeconds ? nil : "was written \(max(0, quiet)) seconds ago, and may be being recorded"
    }

    private static func endLine(for tape: Tape) -> [UInt8] {
        let decoded = DecodedTape(tape)
        var encoder = TapeEncoder()
        // The encoder counts as it writes: it is fed what is there, and only its last line is taken.
        for entry in tape.entries {
            if case .chunk(let bytes) = entry.content { encoder.chunk(offset: entry.offset, bytes) }
        }
        _ = encoder.take()
        encoder.end(
            offset: tape.duration ?? 0,
            TapeEnd(
                reason: .crash,
                dialect: decoded.dialect.name,
                terminal: decoded.end?.terminal,
                text: decoded.fold.text,
                finish: decoded.fold.finishReason,
                usage: decoded.fold.usage?.raw
            )
        )
        return encoder.take()
    }

    private static let highestNumber = 100_000

    /// Takes the `.part` off the name; where another has that name, the next number is taken.
    private static func rename(_ path: String) throws(TapeError) -> String {
        let slash = path.utf8.lastIndex(of: UInt8(ascii: "/"))
        let parent = slash.map { String(path[..<$0]) } ?? "."
        let name = slash.map { String(path[path.utf8.index(after: $0)...]) } ?? path
        let directory = open(parent.isEmpty ? "/" : parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw TapeError(.file, "can't be opened: \(FileSystem.lastReason)", file: parent) }
        defer { close(directory) }
        let stem = TapeName.stem(of: name)
        var number = TapeName.number(of: name)
        while number <= highestNumber {
            let sealed = TapeName.numbered(stem, number) + TapeName.suffix
            switch TapeFolder.rename(name, to: sealed, in: directory) {
            case 0:
                fsync(directory)
                return slash == nil ? sealed : "\(parent)/\(sealed)"
            case EEXIST: number += 1
            case let code:
                throw TapeError(.file, "can't be renamed: \(FileSystem.reason(code))", file: path)
            }
        }
        throw TapeError(.file, "has no free number", file: path)
    }
}
