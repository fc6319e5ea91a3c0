import Dispatch
import Glibc

/// A client's connection at the level of its bytes: what was sent is exactly what the test wrote, and every read is
/// kept with its time.
package final class RawConnection: Sendable {
    /// What has come so far.
    package struct Inbox: Sendable {
        var parser = ResponseParser()
        /// How the connection ended; `open` while it hasn't.
        package var end = RawResponse.End.open

        package var responses: [RawResponse] { parser.responses }
        package var last: RawResponse? { parser.responses.last }
        package var upgraded: [UInt8] { parser.upgraded }
        /// The interim answers so far, where a final one has not come yet.
        package var interim: [Int] { parser.interim }
        package var isMalformed: Bool { parser.hasFailed }
    }

    package let inbox = Watched(Inbox())
    private let descriptor: CInt
    private let writes = DispatchQueue(label: "tokencast.tests.writes")

    /// - Parameters:
    ///   - isReading: whether it reads from the start; else ``startReading()`` does.
    ///   - receiveBuffer: small, for a reader that is to fall behind.
    package init(port: Int, isReading: Bool = true, receiveBuffer: CInt? = nil) throws {
        descriptor = try Sockets.connect(port: port, receiveBuffer: receiveBuffer)
        if isReading { startReading() }
    }

    deinit {
        close()
        Glibc.close(descriptor)
    }

    /// Begins to read, on a thread of its own.
    package func startReading() {
        let copy = dup(descriptor)
        detachThread { [inbox] in
            while true {
                let bytes = Sockets.receive(from: copy)
                let now = ContinuousClock.now
                guard let bytes, !bytes.isEmpty else {
                    inbox.update {
                        $0.end = bytes == nil ? .reset : .closed
                        $0.parser.ended($0.end)
                    }
                    break
                }
                inbox.update { $0.parser.feed(bytes, at: now) }
            }
            Glibc.close(copy)
        }
    }

    // MARK: Sending

    /// Sends bytes; returns when the system has them all.
    ///
    /// - Parameter method: that of a request which begins here; its answer is read accordingly.
    package func send(_ bytes: [UInt8], method: String? = nil) async throws {
        if let method { inbox.update { $0.parser.methods.append(method) } }
        let isSent = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                writes.async { [descriptor] in continuation.resume(returning: Sockets.send(bytes, to: descriptor)) }
            }
        } onCancel: {
            // Else a server that doesn't read would hold the test's task for ever.
            close()
        }
        guard isSent else { throw Failure("the server took no more bytes") }
    }

    package func send(_ request: RawRequest) async throws {
        try await send(request.bytes, method: request.method)
    }

    /// Sends no more, and goes on reading.
    package func finishSending() { shutdown(descriptor, CInt(SHUT_WR)) }

    /// Leaves in an orderly way.
    package func close() { shutdown(descriptor, CInt(SHUT_RDWR)) }

    // MARK: Receiving

    /// Waits for a response's end, whichever it is.
    @discardableResult
    package func response(_ index: Int = 0) async throws -> RawResponse {
        try await inbox.wait(for: "response \(index)") { inbox in
            if inbox.responses.indices.contains(index), inbox.responses[index].end != .open {
                return inbox.responses[index]
            }
            try inbox.checkOpen()
            return nil
        }
    }

    /// Waits until something of a response is as wanted.
    @discardableResult
    package func response(
        _ index: Int = 0,
        until what: String,
        _ check: @Sendable (RawResponse) -> Bool
    ) async throws -> RawResponse {
        try await inbox.wait(for: what) { inbox in
            if inbox.responses.indices.contains(index), check(inbox.responses[index]) { return inbox.responses[index] }
            try inbox.checkOpen()
            return nil
        }
    }

    @discardableResult
    package func head(_ index: Int = 0) async throws -> RawResponse {
        try await response(index, until: "the head of response \(index)") { _ in true }
    }

    /// Waits for the end of the connection.
    @discardableResult
    package func closed() async throws -> RawResponse.End {
        try await inbox.wait(for: "the end of the connection") { $0.end == .open ? nil : $0.end }
    }
}

extension RawConnection.Inbox {
    fileprivate func checkOpen() throws {
        if isMalformed { throw Failure("the response isn't HTTP") }
        if end != .open { throw Failure("the connection ended (\(end)) before that: \(last?.text ?? "no response")") }
    }
}

/// A request as a test writes it.
package struct RawRequest: Sendable {
    package var method: String
    package var target: String
    package var version = "HTTP/1.1"
    package var fields: [Field]
    package var body: [UInt8]

    package init(_ method: String, _ target: String, _ fields: [Field] = [], body: [UInt8] = []) {
        self.method = method
        self.target = target
        self.fields = fields
        self.body = body
    }

    package static func get(_ target: String, _ fields: [Field] = []) -> RawRequest {
        RawRequest("GET", target, fields)
    }

    /// A JSON request with its length.
    package static func post(_ target: String, _ json: String, _ fields: [Field] = []) -> RawRequest {
        RawRequest("POST", target, [Field("Content-Type", "application/json")] + fields, body: Array(json.utf8))
    }

    /// `Host` and `Content-Length` are added where they lack and nothing says otherwise.
    var bytes: [UInt8] {
        var lines = ["\(method) \(target) \(version)"]
        if fields.values("host").isEmpty { lines.append("Host: 127.0.0.1") }
        lines += fields.map { "\($0.name): \($0.value)" }
        if !body.isEmpty, fields.values("content-length").isEmpty, fields.values("transfer-encoding").isEmpty {
            lines.append("Content-Length: \(body.count)")
        }
        return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body
    }
}

/// Sends one request on a connection of its own and waits for the answer's end.
package func fetch(_ request: RawRequest, port: Int) async throws -> RawResponse {
    let connection = try RawConnection(port: port)
    try await connection.send(request)
    return try await connection.response()
}
