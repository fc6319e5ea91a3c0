import Dialects
import Tapes

/// What to say of a body that comes without its exchange: a `.sse` or `.ndjson` file.
public struct PlainBody: Sendable {
    /// The path that it answers. Default `/v1/chat/completions`.
    public var path = "/v1/chat/completions"
    /// The file with the request's JSON body; nil makes one of the model and `"stream": true`.
    public var requestFile: String?
    /// The model asked for; nil is the request file's, or else the one that the body itself names.
    public var model: String?
    /// The answer's status, from 100 to 599. Default 200.
    public var status = 200

    public init() {}

    func exchange(
        _ bytes: [UInt8],
        _ format: ImportFormat,
        file: String,
        pace: Int64
    ) throws(TapeError) -> ImportedExchange {
        guard path.utf8.first == UInt8(ascii: "/"), path.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw TapeError(.value, "the path '\(path)' must begin with a slash", file: file)
        }
        let type = format == .sse ? "text/event-stream" : "application/x-ndjson"
        let headers: [(name: String, value: String)] = [("content-type", type)]
        let live = LiveRequest(
            method: "POST",
            target: path,
            headers: [("content-type", "application/json")],
            body: try request(bytes, file: file).jsonBytes
        )
        return ImportedExchange(request: live, status: status, headers: headers, body: bytes, pace: pace)
    }

    private func request(_ body: [UInt8], file: String) throws(TapeError) -> JSONValue {
        guard let requestFile else {
            let name = model ?? answeringModel(body) ?? "imported"
            return .object([("model", .string(name)), ("stream", .bool(true))])
        }
        let value: JSONValue
        do {
            value = try JSONValue(parsing: FileSystem.read(requestFile, limit: 32 << 20))
        } catch let error as JSONValue.SyntaxError {
            let message = "column \(error.column): \(error.reason.rawValue)"
            throw TapeError(.syntax, message, file: requestFile, line: error.line)
        } catch let error as TapeError {
            throw error
        } catch {
            throw TapeError(.file, "\(error)", file: requestFile)
        }
        guard var members = value.members else {
            throw TapeError(.value, "the request must be an object, not \(value.typeName)", file: requestFile, line: 1)
        }
        guard let model else { return value }
        if let index = members.firstIndex(where: { $0.name.hasSameBytes(as: "model") }) {
            members[index].value = .string(model)
        } else {
            members.insert(.init("model", .string(model)), at: 0)
        }
        return JSONValue(.object(members))
    }

    private func answeringModel(_ body: [UInt8]) -> String? {
        var decoder = StreamDecoder(dialect: Dialect.matching(path: path))
        var buffer = EventBuffer()
        decoder.feed(body.span.bytes, into: &buffer)
        return MessageFold(buffer.events).start?.model
    }
}
