import Dialects

/// Puts a tape together from its lines, and knows which may follow which:
/// header → `q` → (`qb`… | `qr`)? → `m`… → `r`? → (`c` | `b` | `w` | `m`)… → `e`.
struct TapeAssembly: ~Copyable {
    private enum Stage: Int, Comparable {
        case header
        case request
        /// The request's body may still come.
        case body
        /// Only the response may come, or the end of a request that got none.
        case response
        case stream
        case ended

        static func < (left: Stage, right: Stage) -> Bool { left.rawValue < right.rawValue }
    }

    private let isPart: Bool
    private var stage = Stage.header
    private var tape: Tape
    private var body = RequestBodyAssembly()
    private var lastOffset: Int64 = 0
    private var digest = SHA256()
    private var bodyBytes = 0
    private var chunkCount = 0

    init(isPart: Bool) {
        self.isPart = isPart
        tape = Tape(header: Tape.Header(created: "", tool: ""), request: TapeRequest(method: "", path: ""))
    }

    mutating func add(_ line: TapeLine) throws(LineError) {
        guard let kind = try line.kind() else {
            guard stage == .header else { throw LineError(.order, "the header must be the first line") }
            tape.header = try line.header()
            stage = .request
            return
        }
        guard stage != .header else { throw LineError(.order, "the first line must be the header") }
        if kind.utf8.starts(with: "x-".utf8) { return }
        switch kind {
        case "q": try request(line)
        case "qb", "qh", "qr": try requestBody(line, kind)
        case "r", "c", "b", "w", "m", "e": try event(line, kind)
        default: throw LineError(.value, "the kind \"\(kind)\" is not known")
        }
    }

    /// What the lines came to. A `.part` may end anywhere.
    consuming func finish() throws(LineError) -> Tape {
        if !isPart {
            if stage == .header { throw LineError(.order, "the file is empty") }
            if stage == .request { throw LineError(.order, "the request is missing") }
        }
        tape.request.body = body.body
        tape.request.isHashed = body.isHashed
        return tape
    }

    private mutating func request(_ line: TapeLine) throws(LineError) {
        guard stage == .request else { throw LineError(.order, "the request must follow the header, once") }
        tape.request = TapeRequest(
            method: try line.string(1, "the method"),
            path: try line.string(2, "the path"),
            query: try line.fields(3, "the query"),
            headers: try line.fields(4, "the header")
        )
        stage = .body
    }

    private mutating func requestBody(_ line: TapeLine, _ kind: String) throws(LineError) {
        guard stage == .body else { throw LineError(.order, "the request's body must follow the request") }
        if kind == "qb" {
            try body.add(pointer: line.string(1, "the pointer"), line.element(2, "the value"))
        } else if kind == "qh" {
            try body.add(pointer: line.string(1, "the pointer"), digest: line.string(2, "the digest"))
        } else if let digest = try line.rawDigest() {
            try body.add(contentType: line.string(1, "the content type"), digest: digest)
        } else {
            try body.add(contentType: line.string(1, "the content type"), line.rawBody())
        }
    }

    private mutating func event(_ line: TapeLine, _ kind: String) throws(LineError) {
        guard stage >= .body else { throw LineError(.order, "the request must come first") }
        guard stage < .ended else { throw LineError(.order, "nothing may follow the end") }
        let offset = try line.integer(1, "the offset")
        guard offset >= lastOffset else { throw LineError(.value, "the offset falls from \(lastOffset) to \(offset)") }
        lastOffset = offset
        switch kind {
        case "r":
            guard stage < .stream else { throw LineError(.order, "the response has come already") }
            tape.response = try line.response(offset)
            stage = .stream
        case "e":
            let end = try line.end(offset)
            try check(end)
            tape.end = end
            stage = .ended
        case "m":
            let details = JSONValue(.object(try line.object(3, "the marker's details")))
            let name = try line.string(2, "the marker's name")
            tape.entries.append(Tape.Entry(offset: offset, .marker(name: name, details: details)))
            stage = max(stage, .response)
        case "w":
            guard stage == .stream else { throw LineError(.order, "a message must follow the response") }
            tape.entries.append(Tape.Entry(offset: offset, .message(try line.message())))
        default:
            guard stage == .stream else { throw LineError(.order, "a chunk must follow the response") }
            let bytes = kind == "b" ? try line.base64(2, "the chunk") : try line.chunk()
            digest.update(bytes)
            bodyBytes += bytes.count
            chunkCount += 1
            tape.entries.append(Tape.Entry(offset: offset, .chunk(bytes)))
        }
    }

    private mutating func check(_ end: TapeEnd) throws(LineError) {
        guard end.bytes == bodyBytes else {
            throw LineError(.integrity, "the end counts \(end.bytes) bytes, but the chunks have \(bodyBytes)")
        }
        guard end.chunks == chunkCount else {
            throw LineError(.integrity, "the end counts \(end.chunks) chunks, but there are \(chunkCount)")
        }
        let found = digest.finish()
        guard end.sha256.hasSameBytes(as: found) else {
            throw LineError(.integrity, "the end has sha256 \(end.sha256), but the chunks have \(found)")
        }
    }
}
