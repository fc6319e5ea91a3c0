import Glibc

/// A connection at an upstream, in its script's hands. Used on its own thread only.
package final class UpstreamConnection {
    package struct PeerIsGone: Error {}

    let log: Watched<TestUpstream.Log>
    private let descriptor: CInt
    private var buffer: [UInt8] = []
    private var isClosed = false
    private var request: ReceivedRequest?
    private var isBodyRead = true
    /// Where the request stands in the log.
    private var index = 0

    init(_ descriptor: CInt, _ log: Watched<TestUpstream.Log>) {
        self.descriptor = descriptor
        self.log = log
    }

    // MARK: Requests

    /// Waits for a request's head; nil where the connection is over.
    func nextRequest() throws -> ReceivedRequest? {
        guard !isClosed else { return nil }
        var end = buffer.firstRange(of: Array("\r\n\r\n".utf8))
        while end == nil {
            guard Sockets.waitReadable(descriptor, milliseconds: 60_000) else { return nil }
            guard let bytes = Sockets.receive(from: descriptor), !bytes.isEmpty else { return nil }
            buffer += bytes
            // A TLS greeting, say.
            guard let first = buffer.first, (65...90).contains(first) else { return nil }
            end = buffer.firstRange(of: Array("\r\n\r\n".utf8))
        }
        guard let end else { return nil }
        let lines = String(decoding: buffer[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
        buffer.removeSubrange(..<end.upperBound)
        let words = lines[0].split(separator: " ").map(String.init)
        guard words.count == 3 else { throw Failure("no request line: \(lines[0])") }
        let fields = lines.dropFirst().map { Field($0) }
        let request = ReceivedRequest(method: words[0], target: words[1], version: words[2], fields: fields)
        self.request = request
        isBodyRead = false
        log.update {
            index = $0.requests.count
            $0.requests.append(request)
        }
        return request
    }

    /// Reads the rest of a body that the script left.
    func finishRequest() throws {
        if !isClosed, !isBodyRead { try readBody() }
    }

    /// Reads the whole body, which is then in the log as well.
    @discardableResult
    package func readBody() throws -> ReceivedRequest {
        var body: [UInt8] = []
        var count = 0
        while let part = try readBodyPart() {
            body += part
            count += 1
        }
        guard var request else { throw Failure("there is no request") }
        request.body = body
        request.chunkCount = request.value("transfer-encoding") == nil ? 0 : count
        self.request = request
        let whole = request
        log.update { $0.requests[index] = whole }
        return whole
    }

    private var remaining: Int?

    /// Waits for the next chunk of the body, or for what there is of one with a length; nil at its end.
    package func readBodyPart() throws -> [UInt8]? {
        guard let request, !isBodyRead else { return nil }
        if request.value("transfer-encoding") != nil {
            let size = Int(try readLine(), radix: 16) ?? 0
            let bytes = try read(exactly: size)
            _ = try readLine()
            if size == 0 { isBodyRead = true }
            return size == 0 ? nil : bytes
        }
        var left = remaining ?? Int(request.value("content-length") ?? "0") ?? 0
        guard left > 0 else {
            isBodyRead = true
            remaining = nil
            return nil
        }
        if buffer.isEmpty { try fill() }
        let part = Array(buffer.prefix(left))
        buffer.removeFirst(part.count)
        left -= part.count
        remaining = left
        return part
    }

    private func readLine() throws -> String {
        while true {
            if let end = buffer.firstIndex(of: 10) {
                let line = String(decoding: buffer[..<end].filter { $0 != 13 }, as: UTF8.self)
                buffer.removeSubrange(...end)
                return line
            }
            try fill()
        }
    }

    private func read(exactly count: Int) throws -> [UInt8] {
        while buffer.count < count { try fill() }
        defer { buffer.removeFirst(count) }
        return Array(buffer.prefix(count))
    }

    private func fill() throws {
        guard Sockets.waitReadable(descriptor, milliseconds: 30_000) else { throw Failure("the body stopped coming") }
        guard let bytes = Sockets.receive(from: descriptor), !bytes.isEmpty else { throw PeerIsGone() }
        buffer += bytes
    }

    // MARK: Answers

    package func send(_ bytes: [UInt8]) throws {
        guard !isClosed, Sockets.send(bytes, to: descriptor) else { throw PeerIsGone() }
    }

    package func send(_ text: String) throws { try send(Array(text.utf8)) }

    /// Sends one HTTP chunk.
    package func chunk(_ bytes: [UInt8]) throws {
        try send(Array("\(String(bytes.count, radix: 16))\r\n".utf8) + bytes + Array("\r\n".utf8))
    }

    package func chunk(_ text: String) throws { try chunk(Array(text.utf8)) }

    package func endChunks() throws { try send("0\r\n\r\n") }

    /// Sends a head; framing is the caller's.
    package func head(_ status: String = "200 OK", _ lines: String...) throws {
        try send("HTTP/1.1 \(status)\r\n" + lines.map { $0 + "\r\n" }.joined() + "\r\n")
    }

    /// Sends the head of an event stream in chunks.
    package func eventStreamHead() throws {
        try head("200 OK", "Content-Type: text/event-stream", "Transfer-Encoding: chunked")
    }

    /// Sends a whole answer with its length.
    package func reply(_ body: String, status: String = "200 OK", type: String = "application/json") throws {
        try head(status, "Content-Type: \(type)", "Content-Length: \(body.utf8.count)")
        try send(body)
    }

    /// Rests, so that what was sent isn't joined with what follows.
    package func rest(milliseconds: Int) { usleep(UInt32(milliseconds * 1000)) }

    /// Counts a place in the script, for the test to wait on.
    package func mark(_ name: String) { log.update { $0.marks[name, default: 0] += 1 } }

    // MARK: Ends

    /// Does nothing until the other side closes, for a minute at most.
    package func hang() throws {
        while Sockets.waitReadable(descriptor, milliseconds: 60_000) {
            guard let bytes = Sockets.receive(from: descriptor), !bytes.isEmpty else { throw PeerIsGone() }
        }
    }

    /// Ends the connection in an orderly way.
    package func close() {
        guard !isClosed else { return }
        isClosed = true
        shutdown(descriptor, CInt(SHUT_RDWR))
    }

    /// Ends the connection with RST.
    package func reset() {
        guard !isClosed else { return }
        isClosed = true
        Sockets.resetOnClose(descriptor)
    }

    /// Gives the descriptor back.
    func end() {
        log.update { log in
            log.descriptors.remove(descriptor)
            Glibc.close(descriptor)
        }
    }
}
