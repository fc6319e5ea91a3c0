import Dialects
import Tapes

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Looks for everything that may be wrong with tapes: what can't be read, what is never played, and what says something
/// else than it holds.
public struct TapeVerifier: Sendable {
    /// How many tapes were looked at.
    public private(set) var count = 0
    public private(set) var problems: [TapeProblem] = []

    /// - Parameters:
    ///   - paths: files, and directories, each of which is a cassette.
    ///   - now: seconds since 1970, which ages are measured at.
    ///   - progress: called before each tape with its number, how many there are, and its name.
    public init(
        _ paths: [String],
        now: Int64,
        progress: (_ number: Int, _ total: Int, _ name: String) -> Void = { _, _, _ in }
    ) {
        for path in paths {
            let found = TapePaths([path])
            for error in found.errors {
                problems.append(Self.problem(.invalid, error, remedy: "name a tape or a cassette's directory"))
            }
            var cassettes = CassetteRoots(FileSystem.isDirectory(path) ? path : nil)
            for (index, file) in found.files.enumerated() {
                progress(index + 1, found.files.count, file.name)
                verify(file, cassettes.place(of: file), now: now)
            }
            for error in cassettes.errors {
                problems.append(Self.problem(.rules, error, remedy: "mend it, see docs/tapes.md"))
            }
        }
    }

    /// All of it in a line: `20 tapes, 1 problem`.
    public var summary: String {
        "\(Amount.count(count, "tape")), \(problems.isEmpty ? "no problem" : Amount.count(problems.count, "problem"))"
    }

    /// One object: `tapes`, how many there are, and `problems`.
    public var json: String {
        JSONValue.object([("tapes", .integer(count)), ("problems", .array(problems.map(\.json)))]).jsonText + "\n"
    }

    private static func problem(_ code: TapeProblem.Code, _ error: TapeError, remedy: String) -> TapeProblem {
        TapeProblem(code, error.file, line: error.line, error.message, remedy: remedy)
    }

    private mutating func verify(_ file: CassetteFiles.File, _ place: CassetteRoots.Place, now: Int64) {
        count += 1
        let bytes: [UInt8]
        let tape: Tape
        do throws(TapeError) {
            bytes = try FileSystem.read(file.path, limit: TapeLimits().file)
            tape = try TapeReader.read(bytes, name: file.path, isPart: file.isPart)
        } catch {
            let isMendable = [.integrity, .syntax, .value].contains(error.code) && !file.isPart
            problems.append(
                Self.problem(
                    .invalid,
                    error,
                    remedy: isMendable ? "try tokencast tape repair \(file.path)" : "mend it or record it again"
                )
            )
            return
        }
        if file.isPart {
            problems.append(
                TapeProblem(
                    .orphan,
                    file.path,
                    "is being recorded, or its recorder died",
                    remedy: "tokencast tape seal \(file.path)"
                )
            )
            return
        }
        verifyScope(tape, file, place)
        verifyName(tape, file)
        verifyEnd(tape, file, lastLine: Self.lineCount(bytes))
        if let limit = place.rules.maxAge { verifyAge(tape, file, limit, now) }
    }

    /// Whether a file's whole path ends in a scope: then the directory that was named is one within a cassette.
    private static func lies(_ path: String, in scope: TapeScope) -> Bool {
        guard !scope.segments.isEmpty, let resolved = realpath(path, nil) else { return false }
        defer { free(resolved) }
        let directories = String(cString: resolved).utf8.split(separator: UInt8(ascii: "/")).dropLast()
        return directories.suffix(scope.segments.count).elementsEqual(scope.segments) { $0.elementsEqual($1.utf8) }
    }

    private mutating func verifyScope(_ tape: Tape, _ file: CassetteFiles.File, _ place: CassetteRoots.Place) {
        let wanted = tape.header.scope
        switch place.location {
        case .scope(wanted): return
        case .scope(let scope)
        where wanted.segments.count > scope.segments.count && Self.lies(file.path, in: wanted):
            return
        case .scope(let scope): mismatch("the directory is \"\(scope)\"")
        case .nameless:
            let message = "lies in a directory that is named as no scope can be, and is never found by one"
            problems.append(TapeProblem(.scope, file.path, message, remedy: "rename the directory"))
        case .unknown:
            // Where the cassette begins isn't known: the directories that the scope names must be there.
            let directories = file.path.utf8.split(separator: UInt8(ascii: "/")).dropLast()
            let segments = wanted.segments.map(\.utf8)
            guard directories.count >= segments.count,
                !zip(directories.suffix(segments.count), segments).allSatisfy({ $0.elementsEqual($1) })
            else { return }
            mismatch("it doesn't lie there")
        }

        func mismatch(_ where: String) {
            problems.append(
                TapeProblem(
                    .scope,
                    file.path,
                    line: 1,
                    "the header says the scope \"\(wanted)\", but \(`where`)",
                    remedy: "move the file, or write the scope that it is in"
                )
            )
        }
    }

    /// Names that a recorder gives end in a key; others may be anything.
    private mutating func verifyName(_ tape: Tape, _ file: CassetteFiles.File) {
        // The key in the name is that of the request as it was sent.
        guard !tape.request.isHashed else { return }
        guard tape.header.canon.hasSameBytes(as: CanonicalRequest.version) else { return }
        let base = file.name.utf8.split(separator: UInt8(ascii: "/")).last.map { String(Substring($0)) } ?? file.name
        let stem = TapeName.stem(of: base)
        guard let dash = stem.utf8.lastIndex(of: UInt8(ascii: "-")), stem.utf8[dash...].count == 9,
            Hex.decode(String(stem[dash...].dropFirst())) != nil
        else { return }
        let wanted = TapeName.stem(
            api: tape.end?.dialect ?? Dialect.matching(path: tape.request.path).name,
            model: tape.request.model,
            key8: CanonicalRequest(tape.request).key8
        )
        guard !wanted.hasSameBytes(as: stem) else { return }
        let name = TapeName.numbered(wanted, TapeName.number(of: base)) + TapeName.suffix
        problems.append(
            TapeProblem(
                .name,
                file.path,
                line: 2,
                "the request is that of a tape named \(name)",
                remedy: "rename the file, or undo the change of its request"
            )
        )
    }

    private mutating func verifyEnd(_ tape: Tape, _ file: CassetteFiles.File, lastLine: Int) {
        guard let end = tape.end else {
            problems.append(
                TapeProblem(.unplayable, file.path, "has no end line, and is never played", remedy: "record it again")
            )
            return
        }
        if !tape.isServable {
            problems.append(
                TapeProblem(
                    .unplayable,
                    file.path,
                    line: lastLine,
                    "its recording ended with \(end.reason), so it is never played",
                    remedy: "record it again, or delete it"
                )
            )
        }
        for difference in FoldCheck(tape, end).differences {
            problems.append(
                TapeProblem(
                    .fold,
                    file.path,
                    line: lastLine,
                    "\"\(difference.member)\" is not what the chunks say",
                    remedy: "tokencast tape repair --refold \(file.path)"
                )
            )
        }
    }

    private mutating func verifyAge(_ tape: Tape, _ file: CassetteFiles.File, _ limit: Int64, _ now: Int64) {
        guard let recorded = Timestamp.secondsSince1970(tape.header.created), now - Int64(recorded) > limit else {
            return
        }
        let age = Age.description(now - Int64(recorded))
        let message = "is \(age) old, more than maxAge allows (\(Age.description(limit)))"
        problems.append(TapeProblem(.expired, file.path, line: 1, message, remedy: "record it again"))
    }

    private static func lineCount(_ bytes: [UInt8]) -> Int {
        bytes.count { $0 == UInt8(ascii: "\n") } + (bytes.last == UInt8(ascii: "\n") ? 0 : 1)
    }
}
