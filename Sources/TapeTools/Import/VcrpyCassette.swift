import Dialects
import Tapes

/// Reads the cassettes of vcrpy, version 1: YAML, or its JSON form.
struct VcrpyCassette {
    private let file: String
    private let pace: Int64

    /// - Throws: a ``TapeError`` with the line, for the first thing that can't be read.
    static func read(_ bytes: [UInt8], file: String, pace: Int64) throws(TapeError) -> [ImportedExchange] {
        let reader = VcrpyCassette(file: file, pace: pace)
        let start = bytes.first { $0 > 0x20 }
        return try reader.exchanges(
            start == UInt8(ascii: "{") ? json(bytes, file) : YAMLDocument.parse(bytes, file: file)
        )
    }

    private static func json(_ bytes: [UInt8], _ file: String) throws(TapeError) -> JSONValue {
        do {
            return try JSONValue(parsing: bytes, options: .init(loneSurrogates: .replace))
        } catch {
            throw TapeError(.syntax, "column \(error.column): \(error.reason.rawValue)", file: file, line: error.line)
        }
    }

    private func exchanges(_ root: JSONValue) throws(TapeError) -> [ImportedExchange] {
        guard let list = root["interactions"] else {
            let hint = root["http_interactions"] == nil ? "" : "; cassettes of the Ruby VCR can't be imported"
            throw error("has no \"interactions\", so it is no cassette of vcrpy\(hint)", root)
        }
        if let version = root["version"], version.int != 1 { throw error("only version 1 can be read", version) }
        guard let interactions = list.array else { throw error("\"interactions\" must be a list", list) }
        var exchanges: [ImportedExchange] = []
        for interaction in interactions { exchanges.append(try exchange(interaction)) }
        return exchanges
    }

    private func exchange(_ interaction: JSONValue) throws(TapeError) -> ImportedExchange {
        let request = try object("request", interaction)
        let response = try object("response", interaction)
        let uri = try member("uri", request)
        guard let text = uri.string, let target = Self.target(text) else {
            throw error("\"uri\" must be an absolute http or https URL", uri)
        }
        let method = try member("method", request)
        guard let name = method.string, !name.isEmpty else { throw error("\"method\" must be a text", method) }
        let status = try object("status", response)
        let code = try member("code", status)
        guard let number = code.int, (100...599).contains(number) else {
            throw error("\"code\" must be a status from 100 to 599", code)
        }
        let live = LiveRequest(
            method: name.uppercased(),
            target: target,
            headers: try headers(request),
            body: try request["body"].map { value throws(TapeError) in try bytes(value) } ?? []
        )
        var fields = try headers(response)
        let body = try response["body"].map { value throws(TapeError) in try bytes(value) } ?? []
        let coding = fields.firstIndex { $0.name.lowercased() == "content-encoding" }
        // The library's stubs and options may have decoded the body and left the header. What is compressed is never
        // UTF-8.
        let isDecoded = (try? UTF8Span(validating: body.span)) != nil
        if let coding, isDecoded { fields.remove(at: coding) }
        var exchange = ImportedExchange(request: live, status: number, headers: fields, body: body, pace: pace)
        if coding != nil, !isDecoded, !body.isEmpty {
            exchange.note = "the body is compressed and stays so: its events and its text can't be seen"
        }
        return exchange
    }

    /// A body: nothing, a text, base64, or an object that has one of these as its `string`.
    private func bytes(_ value: JSONValue) throws(TapeError) -> [UInt8] {
        if value.isNull { return [] }
        if let text = value.string { return Array(text.utf8) }
        if let packed = value[YAMLDocument.binaryMember] {
            guard let bytes = packed.string.flatMap(Base64.decode) else { throw error("this is no base64", packed) }
            return bytes
        }
        if let string = value["string"] { return try bytes(string) }
        if value.members?.isEmpty == true { return [] }
        throw error("a body must be a text or binary", value)
    }

    /// Headers: an object whose values are a text, or a list of them.
    private func headers(_ message: JSONValue) throws(TapeError) -> [(name: String, value: String)] {
        guard let found = message["headers"], !found.isNull else { return [] }
        guard let members = found.members else { throw error("\"headers\" must be an object", found) }
        var headers: [(name: String, value: String)] = []
        for member in members {
            for value in member.value.array ?? [member.value] {
                if let text = value.string ?? value.numberText {
                    headers.append((member.name, text))
                } else if let packed = value[YAMLDocument.binaryMember]?.string, let bytes = Base64.decode(packed) {
                    headers.append((member.name, String(decoding: bytes, as: UTF8.self)))
                } else if !value.isNull {
                    throw error("the header \(member.name) must be a text", value)
                }
            }
        }
        return headers
    }

    /// Path and query of an absolute URL.
    static func target(_ url: String) -> String? {
        let bytes = Array(url.utf8)
        let scheme = ["http://", "https://"].first { prefix in
            bytes.count > prefix.utf8.count
                && zip(bytes, prefix.utf8).allSatisfy { $0 == $1 || ($0 | 0x20 == $1 && $1 >= 0x61 && $1 <= 0x7A) }
        }
        guard let scheme else { return nil }
        let rest = bytes[scheme.utf8.count...]
        let path = rest.drop { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }
        guard path.startIndex > rest.startIndex else { return nil }
        let target = path.prefix { $0 != UInt8(ascii: "#") }
        let hasPath = target.first == UInt8(ascii: "/")
        return (hasPath ? "" : "/") + String(decoding: target, as: UTF8.self)
    }

    private func member(_ name: String, _ value: JSONValue) throws(TapeError) -> JSONValue {
        guard let found = value[name] else { throw error("\"\(name)\" is missing", value) }
        return found
    }

    private func object(_ name: String, _ value: JSONValue) throws(TapeError) -> JSONValue {
        let found = try member(name, value)
        guard found.members != nil else { throw error("\"\(name)\" must be an object", found) }
        return found
    }

    private func error(_ message: String, _ value: JSONValue) -> TapeError {
        TapeError(.value, message, file: file, line: value.line == 0 ? nil : value.line)
    }
}
