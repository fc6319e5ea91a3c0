import Dialects
import Tapes

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A tape with a small request, to be varied.
func makeTape(
    model: String = "demo",
    path: String = "/v1/chat/completions",
    chunks: [[UInt8]] = [],
    reason: TapeEnd.Reason? = .eof
) -> Tape {
    let body = JSONValue.object([("model", .string(model)), ("stream", .bool(true))])
    return Tape(
        header: Tape.Header(created: "2026-01-02T03:04:05Z", tool: "tokencast/test"),
        request: TapeRequest(method: "POST", path: path, body: .json(body)),
        response: Tape.Response(offset: 10, status: 200, headers: [TapeField("content-type", "text/event-stream")]),
        entries: chunks.enumerated().map { Tape.Entry(offset: Int64(100 + $0), .chunk($1)) },
        end: reason.map { TapeEnd(offset: 1000, reason: $0) }
    )
}

/// A live request with a JSON body.
func liveRequest(_ body: String, path: String = "/v1/chat/completions", query: String = "") -> LiveRequest {
    LiveRequest(
        method: "POST",
        path: path,
        query: query,
        headers: [("Content-Type", "application/json"), ("Authorization", "Bearer sk-never-stored")],
        body: Array(body.utf8)
    )
}

func parse(_ lines: String..., isPart: Bool = false) throws(TapeError) -> Tape {
    try TapeReader.read(
        Array((lines.joined(separator: "\n") + "\n").utf8),
        name: "t.tape.jsonl",
        isPart: isPart
    )
}

extension TapeDeck {
    /// The tape that answers, where one does.
    func played(
        _ live: LiveRequest,
        scope: TapeScope? = nil,
        mode: TapeMode = .none,
        secrets: TapeSecrets = .none
    ) -> Cassette.Item? {
        guard case .play(let playback) = decide(live, scope: scope, secrets: secrets, mode: mode) else { return nil }
        return playback.item
    }

    /// What a request gets: the name of a tape, or `miss`, `record` or `pass`.
    func answer(_ live: LiveRequest, scope: TapeScope? = nil, mode: TapeMode = .none) -> String {
        switch decide(live, scope: scope, mode: mode) {
        case .play(let playback): playback.item.name
        case .miss: "miss"
        case .record: "record"
        case .pass: "pass"
        }
    }
}

/// Writes tapes into a cassette, each under its name, and removes what is there.
func fill(_ cassette: String, _ tapes: [(name: String, tape: Tape)], rules: String? = nil) throws {
    remove(tree: cassette)
    mkdirs(cassette)
    for (name, tape) in tapes {
        mkdirs(cassette + "/" + name.split(separator: "/").dropLast().joined(separator: "/"))
        try write(tape.encoded, to: "\(cassette)/\(name).tape.jsonl")
    }
    if let rules { try write(Array(rules.utf8), to: cassette + "/cassette.json") }
}

extension TapeRequest {
    /// The body as JSON text, for comparing.
    var bodyText: String {
        switch body {
        case .none: ""
        case .json(let value): value.jsonText
        case .raw(_, let bytes): String(decoding: bytes, as: UTF8.self)
        }
    }
}

/// Runs `body` with a directory of its own that is gone afterwards.
func withDirectory<R>(_ body: (String) async throws -> R) async throws -> R {
    var template = Array("/tmp/tokencast-tapes-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Failure("no temporary directory") }
    let path = template.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
    defer { remove(tree: path) }
    return try await body(path)
}

struct Failure: Error {
    var message: String

    init(_ message: String) {
        self.message = message
    }
}

/// The names in a directory, sorted; empty where there is none.
func names(in path: String) -> [String] {
    guard let directory = opendir(path) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
        guard let offset = MemoryLayout<dirent>.offset(of: \.d_name) else { break }
        let name = (UnsafeRawPointer(entry) + offset).assumingMemoryBound(to: CChar.self)
        names.append(String(cString: name))
    }
    return names.filter { $0 != "." && $0 != ".." }.sorted()
}

func remove(tree path: String) {
    if unlink(path) == 0 { return }
    chmod(path, 0o700)
    for name in names(in: path) { remove(tree: "\(path)/\(name)") }
    rmdir(path)
}

func write(_ bytes: [UInt8], to path: String) throws {
    guard let file = fopen(path, "w") else { throw Failure("\(path) can't be written") }
    defer { fclose(file) }
    guard fwrite(bytes, 1, bytes.count, file) == bytes.count else { throw Failure("\(path) can't be written") }
}

func read(_ path: String) throws -> [UInt8] {
    guard let file = fopen(path, "r") else { throw Failure("\(path) can't be read") }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
    return bytes
}

func mkdirs(_ paths: String...) {
    for path in paths {
        var sofar = ""
        for segment in path.split(separator: "/") {
            sofar += "/\(segment)"
            mkdir(sofar, 0o700)
        }
    }
}

func makeLink(_ target: String, _ path: String) {
    symlink(target, path)
}

/// A deck of tapes that lie nowhere; a name's directory is its scope.
func makeDeck(
    _ tapes: [(name: String, tape: Tape)],
    _ rules: CassetteRules = CassetteRules()
) -> TapeDeck {
    let items = tapes.map { name, tape in
        let directory = name.split(separator: "/").dropLast().joined(separator: "/")
        return Cassette.Item(name: name, scope: TapeScope(directory), tape: tape)
    }
    return TapeDeck(Cassette(directory: "c", rules: rules, items: items))
}
