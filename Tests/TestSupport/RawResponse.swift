/// A response as its bytes came: nothing is tidied up.
package struct RawResponse: Sendable {
    /// How far it has come, or how it ended.
    package enum End: Sendable, Hashable {
        case open
        /// As its framing says: last chunk, length, or, where that is the framing, the end of the connection.
        case complete
        /// The connection ended in an orderly way, too early.
        case closed
        case reset
    }

    package struct Piece: Sendable {
        package var bytes: [UInt8]
        /// When its last byte came.
        package var at: ContinuousClock.Instant
    }

    package var version = ""
    package var status = 0
    package var reason = ""
    package var fields: [Field] = []
    /// The HTTP chunks of the body, or what each read gave where it isn't chunked.
    package var pieces: [Piece] = []
    package var body: [UInt8] = []
    package var end = End.open
    /// The statuses of interim answers (1xx) before it.
    package var interim: [Int] = []

    package var text: String { String(decoding: body, as: UTF8.self) }
    package func values(_ name: String) -> [String] { fields.values(name) }
    package func value(_ name: String) -> String? { fields.values(name).first }

    /// The body's events, those that are complete.
    package var events: [ServerSentEvent] { ServerSentEvent.parse(body) }
}

/// Takes the bytes of a connection apart into responses.
struct ResponseParser: Sendable {
    private enum State: Sendable {
        case head
        case length(Int)
        case chunkSize
        case chunkData(Int)
        case chunkEnd
        case trailer
        case untilClose
        /// No HTTP any more.
        case upgraded
        case failed
    }

    /// The requests' methods in order: a HEAD's answer has no body.
    var methods: [String] = []
    /// The last one may be incomplete.
    private(set) var responses: [RawResponse] = []
    /// What came behind a 101.
    var upgraded: [UInt8] = []
    private var isUpgraded = false
    private var buffer: [UInt8] = []
    private var state = State.head
    private(set) var interim: [Int] = []

    /// The statuses of the answers that are complete, and of the one that isn't once its head is there.
    var hasFailed: Bool { if case .failed = state { true } else { false } }

    mutating func feed(_ bytes: [UInt8], at instant: ContinuousClock.Instant) {
        buffer += bytes
        while step(instant) {}
    }

    mutating func ended(_ end: RawResponse.End) {
        if case .head = state { return }
        guard let last = responses.indices.last, responses[last].end == .open else { return }
        if case .untilClose = state, end == .closed {
            responses[last].end = .complete
        } else {
            responses[last].end = end
        }
    }

    /// Takes one element; false where more bytes are needed.
    private mutating func step(_ instant: ContinuousClock.Instant) -> Bool {
        switch state {
        case .head:
            return takeHead()
        case .length(let left):
            guard left > 0 else { return complete() }
            guard !buffer.isEmpty else { return false }
            let piece = take(min(left, buffer.count))
            append(piece, instant)
            state = .length(left - piece.count)
            return true
        case .chunkSize:
            guard let line = takeLine() else { return false }
            guard let size = Int(line, radix: 16) else { return fail() }
            state = size == 0 ? .trailer : .chunkData(size)
            return true
        case .chunkData(let size):
            guard buffer.count >= size else { return false }
            append(take(size), instant)
            state = .chunkEnd
            return true
        case .chunkEnd:
            guard let line = takeLine() else { return false }
            guard line.isEmpty else { return fail() }
            state = .chunkSize
            return true
        case .trailer:
            guard let line = takeLine() else { return false }
            return line.isEmpty ? complete() : true
        case .untilClose:
            guard !buffer.isEmpty else { return false }
            append(take(buffer.count), instant)
            return false
        case .upgraded:
            upgraded += take(buffer.count)
            return false
        case .failed:
            return false
        }
    }

    private mutating func takeHead() -> Bool {
        guard let end = buffer.firstRange(of: Array("\r\n\r\n".utf8)) else { return false }
        let lines = String(decoding: buffer[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
        buffer.removeSubrange(..<end.upperBound)
        let words = lines[0].split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
        guard words.count >= 2, let status = Int(words[1]) else { return fail() }
        if status < 200, status != 101 {
            interim.append(status)
            return true
        }
        var response = RawResponse(version: words[0], status: status, reason: words.count > 2 ? words[2] : "")
        response.fields = lines.dropFirst().map { Field($0) }
        response.interim = interim
        interim = []
        let method = methods.indices.contains(responses.count) ? methods[responses.count] : "GET"
        if status == 101 {
            state = .upgraded
            response.end = .complete
        } else if method == "HEAD" || status == 204 || status == 304 {
            state = .length(0)
        } else if response.values("transfer-encoding") == ["chunked"] {
            state = .chunkSize
        } else if let length = response.value("content-length").flatMap({ Int($0) }) {
            state = .length(length)
        } else {
            state = .untilClose
        }
        responses.append(response)
        return true
    }

    private mutating func complete() -> Bool {
        responses[responses.count - 1].end = .complete
        state = .head
        return true
    }

    private mutating func fail() -> Bool {
        state = .failed
        return false
    }

    private mutating func append(_ bytes: [UInt8], _ instant: ContinuousClock.Instant) {
        let last = responses.count - 1
        responses[last].body += bytes
        responses[last].pieces.append(.init(bytes: bytes, at: instant))
    }

    private mutating func take(_ count: Int) -> [UInt8] {
        defer { buffer.removeFirst(count) }
        return Array(buffer.prefix(count))
    }

    private mutating func takeLine() -> String? {
        guard let end = buffer.firstIndex(of: 10) else { return nil }
        let line = take(end + 1)
        return String(decoding: line.dropLast(line.count > 1 && line[line.count - 2] == 13 ? 2 : 1), as: UTF8.self)
    }
}
