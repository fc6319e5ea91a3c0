import Dialects
public import Tapes

/// Makes a damaged or hand-edited tape valid again, by its lines: what isn't wrong stays as it was written, `x-` lines
/// and members that nobody knows with it.
public struct TapeRepair: Sendable {
    /// What was done, and where.
    public struct Note: Sendable, Hashable {
        /// 1-based, in the file as it was found.
        public var line: Int
        public var message: String
    }

    public private(set) var notes: [Note] = []
    /// The mended file.
    public private(set) var bytes: [UInt8] = []
    private let name: String
    private var lines: [Line] = []
    /// Whether the last line may be torn: nothing ends it.
    private var isCut = false

    private struct Line {
        var bytes: [UInt8]
        /// Where it stood in the file as it was found.
        var number: Int
        var value: JSONValue?
    }

    /// Mends a tape.
    ///
    /// - Parameters:
    ///   - bytes: the file.
    ///   - name: what errors call it.
    ///   - refolding: whether `text`, `finish`, `usage` and `terminal` are computed anew from the chunks, which is
    ///     right after an edit of chunks, and wrong where the end line itself was edited on purpose.
    /// - Throws: a ``TapeError`` with the line that can't be mended.
    public init(_ bytes: [UInt8], name: String, refolding: Bool = false) throws(TapeError) {
        self.name = name
        split(bytes)
        try parse()
        try mendOffsets()
        try mendEnd()
        self.bytes = Array(lines.map { $0.bytes + [UInt8(ascii: "\n")] }.joined())
        let tape = try read(self.bytes)
        if let end = tape.end {
            try mendFold(tape, end, refolding)
        } else {
            note(lines.last?.number ?? 1, "there is no end line: the tape stays a partial one, and isn't played")
        }
    }

    private mutating func note(_ line: Int, _ message: String) { notes.append(Note(line: line, message: message)) }

    /// Cuts the file into lines, without what an editor may have put between them.
    private mutating func split(_ bytes: [UInt8]) {
        var rest = bytes[...]
        if rest.starts(with: [0xEF, 0xBB, 0xBF]) {
            rest = rest.dropFirst(3)
            note(1, "removed the byte order mark")
        }
        var number = 0
        var returns = 0
        while !rest.isEmpty {
            number += 1
            let end = rest.firstIndex(of: UInt8(ascii: "\n"))
            var line = Array(rest[..<(end ?? rest.endIndex)])
            rest = end.map { rest[($0 + 1)...] } ?? []
            if line.last == UInt8(ascii: "\r") {
                line.removeLast()
                returns += 1
            }
            if line.allSatisfy({ $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }) {
                note(number, "removed an empty line")
            } else {
                if end == nil { isCut = true }
                lines.append(Line(bytes: line, number: number, value: nil))
            }
        }
        if returns > 0 { note(1, "made \(Amount.count(returns, "line end")) LF that were CRLF") }
    }

    private mutating func parse() throws(TapeError) {
        for index in lines.indices {
            do {
                lines[index].value = try JSONValue(parsing: lines[index].bytes)
            } catch {
                let number = lines[index].number
                guard index == lines.count - 1, index > 0, isCut else {
                    throw TapeError(
                        .syntax,
                        "column \(error.column): \(error.reason.rawValue); this can't be mended",
                        file: name,
                        line: number
                    )
                }
                isCut = false
                note(number, "dropped the last line, which is torn")
                lines.removeLast()
            }
        }
        if isCut, let last = lines.last { note(last.number, "put a line end behind the last line") }
    }

    private static func kind(_ line: Line) -> String? { line.value?[0]?.string }

    /// Lifts offsets that fall to the one before.
    private mutating func mendOffsets() throws(TapeError) {
        var last: Int64 = 0
        for index in lines.indices {
            guard let kind = Self.kind(lines[index]), ["r", "c", "b", "w", "m", "e"].contains(kind),
                let offset = lines[index].value?[1]?.numberText.flatMap({ Int64($0) })
            else { continue }
            guard offset < last else {
                last = offset
                continue
            }
            var edit = LineEdit(lines[index].bytes)
            guard edit.set(offset: last) else { continue }
            lines[index].bytes = edit.bytes
            note(lines[index].number, "raised the offset \(offset), which falls, to \(last)")
        }
    }

    /// Puts the counts and the digest of the end line right.
    private mutating func mendEnd() throws(TapeError) {
        guard let index = lines.indices.last(where: { Self.kind(lines[$0]) == "e" }) else { return }
        // Without its end line the tape can be read, which checks all else and gives the chunks.
        let before = lines[..<index].map { $0.bytes + [UInt8(ascii: "\n")] }.joined()
        let tape = try read(Array(before))
        let body = tape.body
        let counts: [(String, JSONValue)] = [
            ("bytes", .integer(body.count)), ("chunks", .integer(tape.chunks.count)),
            ("sha256", .string(SHA256.hex(of: body))),
        ]
        try change(index, counts)
    }

    /// Computes anew what the answer adds up to, or says that it should be.
    private mutating func mendFold(_ tape: Tape, _ end: TapeEnd, _ refolding: Bool) throws(TapeError) {
        guard let index = lines.indices.last(where: { Self.kind(lines[$0]) == "e" }) else { return }
        let found = FoldCheck(tape, end)
        guard !found.differences.isEmpty else { return }
        guard refolding else {
            let members = found.differences.map { "\"\($0.member)\"" }.joined(separator: ", ")
            note(lines[index].number, "left \(members) alone, which the chunks don't say; see --refold")
            return
        }
        try change(index, found.differences.map { ($0.member, $0.value) })
        bytes = Array(lines.map { $0.bytes + [UInt8(ascii: "\n")] }.joined())
        _ = try TapeReader.read(bytes, name: name)
    }

    /// Changes those members of the end line that are otherwise.
    private mutating func change(_ index: Int, _ members: [(String, JSONValue)]) throws(TapeError) {
        var edit = LineEdit(lines[index].bytes)
        for (member, value) in members {
            let old = lines[index].value?[2]?[member]
            guard old != value else { continue }
            guard edit.set(member, value) else {
                throw TapeError(.value, "the end's details must be an object", file: name, line: lines[index].number)
            }
            let was = old.map { "from \(Self.excerpt($0)) " } ?? ""
            note(lines[index].number, "changed \"\(member)\" \(was)to \(Self.excerpt(value))")
        }
        lines[index].bytes = edit.bytes
        lines[index].value = try? JSONValue(parsing: edit.bytes)
    }

    /// Reads lines that lack their end, with errors at the lines of the file as it was found.
    private func read(_ bytes: [UInt8]) throws(TapeError) -> Tape {
        do throws(TapeError) {
            return try TapeReader.read(bytes, name: name)
        } catch {
            var error = error
            error.line = error.line.flatMap { lines.indices.contains($0 - 1) ? lines[$0 - 1].number : $0 }
            error.message += "; this can't be mended"
            throw error
        }
    }

    private static func excerpt(_ value: JSONValue) -> String {
        let text = value.jsonText
        return Printable.line(text.count > 24 ? String(text.prefix(23)) + "…" : text)
    }
}

extension TapeRepair {
    /// Mends a file in place.
    ///
    /// - Parameters:
    ///   - path: the tape; a `.part` is for `tape seal`.
    ///   - isDryRun: whether it is only said what would be done.
    /// - Returns: what was done; nothing where nothing was wrong.
    /// - Throws: a ``TapeError``; the file is then as it was.
    public static func mend(
        _ path: String,
        refolding: Bool = false,
        isDryRun: Bool = false
    ) throws(TapeError) -> [Note] {
        guard !path.hasSuffix(TapeName.partSuffix) else {
            throw TapeError(.file, "is a recording without its end; tokencast tape seal ends it", file: path)
        }
        let found = try FileSystem.read(path, limit: TapeLimits().file)
        let repair = try TapeRepair(found, name: path, refolding: refolding)
        if !isDryRun, repair.bytes != found { try FileSystem.write(repair.bytes, to: path, replacing: true) }
        return repair.notes
    }
}
