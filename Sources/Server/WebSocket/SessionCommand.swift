import Broadcast
import Dialects

/// What a message from a socket's reader asks for.
struct SessionCommand {
    enum Kind: String, CaseIterable {
        case subscribe
        case unsubscribe
        case publish
        case create
        case cancel
        case ping
    }

    enum Body {
        case subscribe([(target: SessionTarget, terms: SubscriptionRequest.Terms)])
        case unsubscribe([SessionTarget])
        case publish(channel: String, event: String?, data: JSONValue)
        /// The members of the request, as `POST /streams` takes them.
        case create(JSONValue)
        case cancel(StreamID)
        case ping
    }

    /// What the answer repeats, so that its reader knows what it answers.
    var ref: JSONValue?
    var body: Body

    /// How long a `ref` may be as JSON, in bytes.
    static let longestReference = 256
    /// How deep the data of a command may be nested, beside the command itself.
    private static let options = JSONValue.Options(maximumDepth: 64, loneSurrogates: .replace)

    /// What is wrong with a message, and what its answer repeats nevertheless.
    struct Problem: Error {
        var error: SessionError
        var ref: JSONValue?
    }

    /// Reads a message.
    init(_ text: [UInt8]) throws(Problem) {
        let message: JSONValue
        do throws(JSONValue.SyntaxError) {
            message = try JSONValue(parsing: text, options: Self.options)
        } catch {
            throw Problem(error: SessionError(.badJSON, "the message isn't JSON: \(error)"))
        }
        guard message.members != nil else {
            throw Problem(error: SessionError(.badJSON, "a message is a JSON object, not \(message.typeName)"))
        }
        do throws(SessionError) {
            ref = try Self.reference(message)
        } catch {
            throw Problem(error: error)
        }
        do throws(SessionError) {
            body = try Self.body(message)
        } catch {
            throw Problem(error: error, ref: ref)
        }
    }

    private static func reference(_ message: JSONValue) throws(SessionError) -> JSONValue? {
        guard let ref = message["ref"] else { return nil }
        switch ref.kind {
        case .array, .object:
            throw SessionError(.badCommand, "ref is a string, a number, a boolean or null, not \(ref.typeName)")
        case .null, .bool, .number, .string:
            guard ref.jsonText.utf8.count <= longestReference else {
                throw SessionError(.badCommand, "ref is longer than \(longestReference) bytes")
            }
            return ref
        }
    }

    private static func body(_ message: JSONValue) throws(SessionError) -> Body {
        let types = Kind.allCases.map(\.rawValue).joined(separator: ", ")
        guard let type = message["type"]?.string else {
            throw SessionError(.unknownType, "a message has a type: one of \(types)")
        }
        guard let kind = Kind(rawValue: type) else {
            throw SessionError(.unknownType, "there is no type '\(type.prefix(64))': take one of \(types)")
        }
        let fields = CommandFields(message, of: kind)
        switch kind {
        case .subscribe:
            return .subscribe(try fields.subscriptions())
        case .unsubscribe:
            try fields.check(known: ["channels", "streams"])
            return .unsubscribe(try fields.targets())
        case .publish:
            try fields.check(known: ["channel", "event", "data"])
            let channel = try fields.channel(fields.string("channel"))
            return .publish(channel: channel, event: try fields.optionalString("event"), data: try fields.value("data"))
        case .create:
            let members = (message.members ?? []).filter { $0.name != "type" && $0.name != "ref" }
            return .create(JSONValue(.object(members)))
        case .cancel:
            try fields.check(known: ["stream"])
            return .cancel(try fields.stream(fields.string("stream")))
        case .ping:
            try fields.check(known: [])
            return .ping
        }
    }
}
