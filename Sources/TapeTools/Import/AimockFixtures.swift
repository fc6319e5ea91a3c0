import Dialects
import Tapes

/// Reads aimock's fixture files, as far as a tape can say the same.
///
/// A fixture answers any request whose last user message holds a text; a tape answers one request. So each becomes two
/// tapes, for a stream and for a document, of a request that consists of just the texts that the fixture looks for.
struct AimockFixtures {
    private(set) var exchanges: [ImportedExchange] = []
    /// The fixtures that say more than a tape can.
    private(set) var skipped: [TapeError] = []
    /// Whether some fixture is for one model only.
    private(set) var namesModels = false
    private let file: String
    private let model: String
    private let pace: Int64

    /// Why one fixture can't be put on a tape.
    struct Unmappable: Error {
        var message: String
        var line: Int

        init(_ message: String, _ value: JSONValue) {
            self.message = message
            line = value.line
        }
    }

    /// - Throws: a ``TapeError`` where the file as a whole is no fixture file.
    static func read(_ bytes: [UInt8], file: String, model: String, pace: Int64) throws(TapeError) -> AimockFixtures {
        let root: JSONValue
        do {
            root = try JSONValue(parsing: bytes)
        } catch {
            throw TapeError(.syntax, "column \(error.column): \(error.reason.rawValue)", file: file, line: error.line)
        }
        guard let fixtures = root["fixtures"]?.array else {
            throw TapeError(.value, "has no list \"fixtures\", so it is no fixture file", file: file, line: root.line)
        }
        var reader = AimockFixtures(file: file, model: model, pace: pace)
        reader.take(fixtures)
        return reader
    }

    private init(file: String, model: String, pace: Int64) {
        self.file = file
        self.model = model
        self.pace = pace
    }

    private mutating func take(_ fixtures: [JSONValue]) {
        var mapped: [(order: Int, exchanges: [ImportedExchange])] = []
        for (index, fixture) in fixtures.enumerated() {
            do throws(Unmappable) {
                try Self.allow(["match", "response", "metadata"] + AimockTiming.members, fixture, "the fixture")
                let request = try request(fixture["match"] ?? JSONValue(.object([]), line: fixture.line), fixture)
                let timing = try AimockTiming(fixture, pace: pace)
                let answer = try AimockResponse(
                    fixture["response"] ?? JSONValue(.null, line: fixture.line),
                    number: index,
                    model: request.model
                )
                let exchanges = [true, false].map { answer.exchange(request.live(stream: $0), stream: $0, timing) }
                mapped.append((request.sequence, exchanges))
                namesModels = namesModels || request.isForOneModel
            } catch {
                let message = "fixtures[\(index)] is skipped: \(error.message)"
                skipped.append(TapeError(.value, message, file: file, line: error.line == 0 ? nil : error.line))
            }
        }
        // Tapes of equal requests play in their order, which for fixtures is that of their `sequenceIndex`.
        let order = mapped.indices.sorted { (mapped[$0].order, $0) < (mapped[$1].order, $1) }
        exchanges = order.flatMap { mapped[$0].exchanges }
    }

    private struct Request {
        var messages: [JSONValue]
        var model: String
        var isForOneModel: Bool
        var sequence: Int

        func live(stream: Bool) -> LiveRequest {
            var members: [(String, JSONValue)] = [("model", .string(model)), ("messages", .array(messages))]
            if stream { members.append(("stream", .bool(true))) }
            return LiveRequest(
                method: "POST",
                target: "/v1/chat/completions",
                headers: [("content-type", "application/json")],
                body: JSONValue.object(members).jsonBytes
            )
        }
    }

    private func request(_ match: JSONValue, _ fixture: JSONValue) throws(Unmappable) -> Request {
        let known = [
            "userMessage", "systemMessage", "model", "endpoint", "sequenceIndex", "hasToolResult", "turnIndex",
        ]
        try Self.allow(known, match, "match")
        guard let user = match["userMessage"] else {
            throw Unmappable("without \"userMessage\" it matches any prompt, which a tape can't", fixture)
        }
        if let endpoint = match["endpoint"], endpoint.string?.hasSameBytes(as: "chat") != true {
            throw Unmappable("only chat completions can be imported", endpoint)
        }
        for name in ["hasToolResult", "turnIndex"] {
            if let value = match[name], value.bool != false, value.int != 0 {
                throw Unmappable("\"\(name)\" asks for a conversation that the fixture doesn't have", value)
            }
        }
        var messages: [JSONValue] = []
        if let system = match["systemMessage"] { messages.append(try Self.message("system", system)) }
        messages.append(try Self.message("user", user))
        let named = match["model"]
        if let named, named.string == nil { throw Unmappable("\"model\" must be a string", named) }
        return Request(
            messages: messages,
            model: named?.string ?? model,
            isForOneModel: named != nil,
            sequence: match["sequenceIndex"]?.int ?? 0
        )
    }

    private static func message(_ role: String, _ value: JSONValue) throws(Unmappable) -> JSONValue {
        guard let text = value.string else {
            throw Unmappable("the \(role) message must be one text, since a tape has one", value)
        }
        return .object([("role", .string(role)), ("content", .string(text))])
    }

    /// Refuses members whose meaning would be lost.
    static func allow(_ known: [String], _ value: JSONValue, _ name: String) throws(Unmappable) {
        guard let members = value.members else { throw Unmappable("\(name) must be an object", value) }
        for member in members where !known.contains(where: { $0.hasSameBytes(as: member.name) }) {
            throw Unmappable(
                "\(name) has \"\(member.name)\", which a tape can't say",
                JSONValue(.null, line: member.line)
            )
        }
    }
}
