import Dialects

/// The lines of each kind, read.
extension TapeLine {
    func header() throws(LineError) -> Tape.Header {
        guard let version = value["tape"] else { throw LineError(.value, "this is no tape: \"tape\" is missing") }
        guard let number = version.int, number >= 1 else {
            throw Self.wrong("\"tape\"", "a version number", version)
        }
        guard number <= Tape.version else {
            throw LineError(.version, "the tape has version \(number); the highest known is \(Tape.version)")
        }
        let scope = try optionalString("scope", in: value) ?? ""
        guard let scope = TapeScope(scope) else { throw LineError(.value, "\"\(scope)\" is no scope") }
        return Tape.Header(
            created: try optionalString("created", in: value) ?? "",
            tool: try optionalString("tool", in: value) ?? "",
            scope: scope,
            redact: try optionalString("redact", in: value) ?? "",
            canon: try optionalString("canon", in: value) ?? ""
        )
    }

    /// The body of a `qr` line: a text, or bytes in base64.
    func rawBody() throws(LineError) -> [UInt8] {
        let body = try element(2, "the body")
        if let text = body.string { return Array(text.utf8) }
        guard let text = body["base64"]?.string else {
            throw Self.wrong("the body", "a string or an object with \"base64\"", body)
        }
        guard let bytes = Base64.decode(text) else { throw LineError(.value, "the body is not base64") }
        return bytes
    }

    /// The digest of a `qr` line that doesn't have the body itself.
    func rawDigest() throws(LineError) -> String? {
        guard let digest = value[2]?["digest"] else { return nil }
        guard let text = digest.string else { throw Self.wrong("\"digest\"", "a string", digest) }
        return text
    }

    func response(_ offset: Int64) throws(LineError) -> Tape.Response {
        let status = try integer(2, "the status")
        guard (100...999).contains(status) else { throw LineError(.value, "the status \(status) is none") }
        let headers = try pairs(3, "the headers")
        let details = JSONValue(.object(try object(4, "the details")))
        return Tape.Response(
            offset: offset,
            status: Int(status),
            headers: headers,
            httpVersion: try optionalString("http", in: details) ?? "1.1"
        )
    }

    func chunk() throws(LineError) -> [UInt8] {
        let text = try string(2, "the chunk")
        let details = JSONValue(.object(try object(3, "the details")))
        return try cut("pre", in: details) + Array(text.utf8) + cut("post", in: details)
    }

    func message() throws(LineError) -> Tape.Message {
        let arrow = try string(2, "the direction")
        guard let direction = Tape.Message.Direction(rawValue: arrow) else {
            throw LineError(.value, "the direction must be \">\" or \"<\", not \"\(arrow)\"")
        }
        let kind = try string(3, "the message's type")
        guard let opcode = Tape.Message.Opcode(rawValue: kind) else {
            throw LineError(.value, "the message's type \"\(kind)\" is not known")
        }
        let payload = opcode == .text ? Array(try string(4, "the payload").utf8) : try base64(4, "the payload")
        return Tape.Message(direction: direction, opcode: opcode, payload: payload)
    }

    func end(_ offset: Int64) throws(LineError) -> TapeEnd {
        let details = try element(2, "the end's details")
        guard details.members != nil else { throw Self.wrong("the end's details", "an object", details) }
        guard let reason = try optionalString("reason", in: details) else {
            throw LineError(.value, "the end has no reason")
        }
        guard let bytes = details["bytes"]?.int, let chunks = details["chunks"]?.int,
            let sha256 = details["sha256"]?.string
        else { throw LineError(.value, "the end must have \"bytes\", \"chunks\" and \"sha256\"") }
        let usage = details["usage"].flatMap { $0.isNull ? nil : $0.jsonText }
        return TapeEnd(
            offset: offset,
            reason: TapeEnd.Reason(rawValue: reason),
            dialect: try optionalString("dialect", in: details),
            terminal: try optionalString("terminal", in: details),
            bytes: bytes,
            chunks: chunks,
            sha256: sha256,
            text: try optionalString("text", in: details),
            finish: try optionalString("finish", in: details),
            usage: usage
        )
    }

    /// The raw bytes of a character that a chunk's border cuts in two: 3 at most.
    private func cut(_ name: String, in details: JSONValue) throws(LineError) -> [UInt8] {
        guard let text = try optionalString(name, in: details) else { return [] }
        guard let bytes = Hex.decode(text), bytes.count <= 3 else {
            throw LineError(.value, "\"\(name)\" must be 1 to 3 bytes in lower-case hex")
        }
        return bytes
    }

    private func optionalString(_ name: String, in object: JSONValue) throws(LineError) -> String? {
        guard let value = object[name], !value.isNull else { return nil }
        guard let text = value.string else { throw Self.wrong("\"\(name)\"", "a string", value) }
        return text
    }
}
